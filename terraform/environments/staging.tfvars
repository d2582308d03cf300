# staging: shaped like production, at less than half the price. About $108 a month in eu-north-1 (README.md): NAT gateway 35,
# two t3.small 32, load balancer 22, addresses 11, the rest 8. With a database 15 more.

capacity = { min = 2, max = 4 }

network = { cidr_block = "10.1.0.0/16", nat = "single" }

service = { instance_type = "t3.small" }

# There is none until somebody says `database = {}`. One zone is enough for data that can be made again. A last snapshot is
# made when it is deleted, as in prod.
database_defaults = { backup_days = 7 }

observability = { log_days = 14 }
