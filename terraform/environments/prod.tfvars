# prod: survives the loss of a zone, and asks before it forgets anything. About $226 a month in eu-north-1 (README.md):
# three NAT gateways 105, three t3.small 47, load balancer 22, addresses 22, the rest 30. With a database, in two zones, 60
# more.
#
# Not complete on purpose: prod refuses plain HTTP, so uncomment load_balancer and name your certificate.
#
# load_balancer = {
#   deletion_protection = true
#   access_log_days     = 90
#   https               = { certificate_arn = "arn:aws:acm:eu-north-1:…" }
# }

capacity = { min = 3, max = 9 }

# A NAT gateway in every zone: one that fails takes only its own zone along.
network = { cidr_block = "10.2.0.0/16", availability_zones = 3, nat = "per_az" }

service = {
  instance_type      = "t3.small"
  cpu_target_percent = 60
  # Instances that are a month old are replaced one by one, by newer ones with the newest security updates.
  max_lifetime_days = 30
  # At most half as many again at once, so that a rollout fits into ordinary quotas.
  max_healthy_percentage = 150
}

# There is none until somebody says `database = {}`.
database_defaults = {
  instance_class       = "db.t4g.small"
  multi_az             = true
  backup_days          = 30
  deletion_protection  = true
  final_snapshot       = true
  performance_insights = true
  # Another class or version waits for the maintenance window: a deployment must not restart the database at noon.
  apply_immediately = false
}

observability = { log_days = 90, detailed_monitoring = true, dashboard = true, people_alarms = true }
