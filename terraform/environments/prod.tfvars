# prod: survives the loss of a zone, and asks before it forgets anything. About $230 a month in eu-north-1: two NAT
# gateways 70, load balancer 22, three t3.small 47, database in two zones 60, logs and alarms 10, storage 20.
#
# Not complete on purpose: prod refuses plain HTTP, so give load_balancer.https, here or as terraform-variables.

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

database = {
  instance_class       = "db.t4g.small"
  multi_az             = true
  backup_days          = 30
  deletion_protection  = true
  final_snapshot       = true
  performance_insights = true
}

observability = { log_days = 90, detailed_monitoring = true }
