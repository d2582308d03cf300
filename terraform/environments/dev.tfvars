# dev: cheap, and quick to roll out. About $58 a month in eu-north-1 (README.md): load balancer 22, two t3.micro 16,
# addresses 15, the rest 5. With a database 15 more.

# Two, so that a rollout here behaves as it does in production.
capacity = { min = 2, max = 4 }

# No NAT gateway ($35 a month): instances get public addresses, and a security group that lets in the load balancer alone.
network = { cidr_block = "10.0.0.0/16", nat = "none" }

service = {
  instance_type = "t3.micro"
  # A boot with the installation of Docker takes about a minute; old instances go after the warmup.
  warmup_seconds          = 90
  startup_timeout_seconds = 60
}

load_balancer = {
  # The longest request here is short, and each drain is waited for.
  deregistration_delay_seconds = 10
}

# There is none until somebody says `database = {}`. Then: one zone, one day of backups, and gone with the environment, for
# no snapshot is made of it when it is deleted.
database_defaults = { backup_days = 1, final_snapshot = false }

observability = { log_days = 7 }
