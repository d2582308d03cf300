# Every rule about a variable, broken once. A run breaks one rule of several variables, and each of them must object.
# variables.tf alone (tests/variables/ links to it) needs no provider, so all of this takes a second.

variables {
  application = "shop"
  environment = "dev"
  region      = "eu-north-1"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "refused_1" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    application              = "Shop"
    region                   = "Stockholm"
    image                    = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:latest"
    network                  = { cidr_block = "10.0.0.0/8" }
    capacity                 = { min = 0 }
    service                  = { instance_type = "huge" }
    database                 = { instance_class = "t4g.micro" }
    settings                 = { log-level = "info" }
    permissions_boundary_arn = "arn:aws:iam::1:policy/x"
  }

  expect_failures = [var.application, var.region, var.image, var.network, var.capacity, var.service, var.database, var.settings, var.permissions_boundary_arn]
}

run "refused_china" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    region = "cn-northwest-1"
  }

  expect_failures = [var.region]
}

run "refused_2" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    application   = "a-name-that-is-far-too-long"
    image         = "shop@sha256:abc"
    network       = { availability_zones = 1 }
    capacity      = { min = 3, max = 2 }
    service       = { architecture = "sparc" }
    load_balancer = { health_check_interval_seconds = 1 }
    database      = { instance_class = "db.t2.micro" }
    settings      = { LOG_LEVEL = "" }
    observability = { error_rate_percent = 0 }
  }

  expect_failures = [var.application, var.image, var.network, var.capacity, var.service, var.load_balancer, var.database, var.settings, var.observability]
}

run "refused_3" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    application   = "shop--x"
    network       = { nat = "two" }
    capacity      = { min = 2, max = 4, desired = 5 }
    service       = { instance_type = "t4g.micro" }
    load_balancer = { healthy_threshold = 1 }
    database      = { engine_version = "9" }
    settings      = { PORT = "80" }
    observability = { minutes_before_alarm = 0 }
  }

  expect_failures = [var.application, var.network, var.capacity, var.service, var.load_balancer, var.database, var.settings, var.observability]
}

run "refused_4" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    network       = { existing = { vpc_id = "vpc-0", public_subnet_ids = ["subnet-a"], private_subnet_ids = ["subnet-b", "subnet-c"] } }
    service       = { ami_id = "resolve:ssm:/x" }
    load_balancer = { deregistration_delay_seconds = 4000 }
    database      = { allocated_storage_gb = 100 }
    observability = { notification_email = "team" }
  }

  expect_failures = [var.network, var.service, var.load_balancer, var.database, var.observability]
}

run "refused_5" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service       = { root_volume_gb = 4 }
    load_balancer = { ingress_cidr_blocks = [] }
    database      = { backup_days = 0 }
    observability = { log_days = 10 }
  }

  expect_failures = [var.service, var.load_balancer, var.database, var.observability]
}

run "refused_6" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service       = { container_port = 22 }
    load_balancer = { access_log_days = 0 }
    database      = { password_version = 0 }
  }

  expect_failures = [var.service, var.load_balancer, var.database]
}

run "refused_7" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service       = { startup_timeout_seconds = 5 }
    load_balancer = { https = {} }
  }

  expect_failures = [var.service, var.load_balancer]
}

run "refused_8" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { warmup_seconds = -1 }
  }

  expect_failures = [var.service]
}

run "refused_9" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { min_healthy_percentage = 50, max_healthy_percentage = 200 }
  }

  expect_failures = [var.service]
}

run "refused_10" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { max_lifetime_days = 0 }
  }

  expect_failures = [var.service]
}

run "refused_11" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { cpu_target_percent = 100 }
  }

  expect_failures = [var.service]
}

# Rules that read a second variable are judged only when that one is right.

run "refused_environment" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment = "productions"
    secrets     = ["api-key"]
    name_suffix = "euw1"
  }

  expect_failures = [var.environment, var.secrets, var.name_suffix]
}

run "refused_environment_of_the_bootstrap_itself" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment = "bootstrap"
  }

  expect_failures = [var.environment]
}

run "refused_secret_that_the_service_gives_itself" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    secrets = ["DATABASE_URL"]
  }

  expect_failures = [var.secrets]
}

run "refused_secret_that_is_a_setting" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    settings = { API_KEY = "visible" }
    secrets  = ["API_KEY"]
  }

  expect_failures = [var.secrets]
}

run "refused_12" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service       = { system = "windows" }
    load_balancer = { https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0", hsts_days = 1000 } }
  }

  expect_failures = [var.service, var.load_balancer]
}

run "refused_ecs_on_a_small_volume" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { system = "ecs", root_volume_gb = 16 }
  }

  expect_failures = [var.service]
}

run "refused_requests_per_target" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { requests_per_target = 0 }
  }

  expect_failures = [var.service]
}

run "refused_spot_of_one_type" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { spot = { instance_types = ["t3.micro", "t3.micro"] } }
  }

  expect_failures = [var.service]
}

run "refused_spot_of_another_architecture" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { spot = { instance_types = ["t3.micro", "t4g.micro"] } }
  }

  expect_failures = [var.service]
}

run "refused_spot_numbers" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { spot = { instance_types = ["t3.micro", "t3a.micro"], on_demand_percentage = 101 } }
  }

  expect_failures = [var.service]
}

run "refused_13" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    capacity      = { desired = 2.5 }
    load_balancer = { https = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0" } }
    database      = { backup_window = "1:30-2:30" }
    observability = { alarm_actions = ["on-call"] }
  }

  expect_failures = [var.capacity, var.load_balancer, var.database, var.observability]
}

run "refused_14" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { https = { domain_name = "*.example.com", zone_id = "Z0123" } }
    database      = { maintenance_window = "sunday" }
  }

  expect_failures = [var.load_balancer, var.database]
}

run "refused_windows_that_overlap" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    database = { backup_window = "03:30-04:30" }
  }

  expect_failures = [var.database]
}

run "refused_15" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { health_check_path = "healthz" }
    database      = { slow_query_milliseconds = -2 }
  }

  expect_failures = [var.load_balancer, var.database]
}

run "refused_windows_that_are_short" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    database = { backup_window = "23:50-00:10" }
    settings = { GREETING = "Hello {{name}}" }
    service  = { container_port = 3000.5 }
    observability = {
      notification_email = "team@example.com"
      alarm_actions      = [for number in range(5) : "arn:aws:sns:eu-north-1:123456789012:on-call-${number}"]
    }
  }

  expect_failures = [var.database, var.settings, var.service, var.observability]
}

run "refused_16" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    application   = "sg-shop"
    load_balancer = { https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0", domain_name = "https://shop.example.com" } }
    database      = { maintenance_window = "sun:03:00-sun:03:15" }
    observability = { alarm_actions = ["arn:aws:sns:eu-west-1:123456789012:on-call"] }
  }

  expect_failures = [var.application, var.load_balancer, var.database, var.observability]
}

run "taken_at_the_limits" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    database = { backup_window = "23:50-00:20", maintenance_window = "sun:23:30-mon:00:30" }
    settings = { STYLE = "{a}{b}" }
    observability = {
      alarm_actions = ["arn:aws:ssm-incidents::123456789012:response-plan/on-call", "arn:aws:sns:eu-north-1:123456789012:on-call"]
    }
  }
}

# Production refuses what production must not be, whatever the variables file says.

run "prod_is_never_plain_http" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment   = "prod"
    load_balancer = { deletion_protection = true }
  }

  expect_failures = [var.load_balancer]
}

run "prod_does_not_lose_its_load_balancer" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment   = "prod"
    load_balancer = { https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0" } }
  }

  expect_failures = [var.load_balancer]
}

run "prod_does_not_live_on_spot_alone" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment   = "prod"
    load_balancer = { deletion_protection = true, https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0" } }
    service       = { spot = { instance_types = ["t3.micro", "t3a.micro"], on_demand_base = 0 } }
  }

  expect_failures = [var.service]
}

run "prod_database_needs_multi_az" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment   = "prod"
    load_balancer = { deletion_protection = true, https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0" } }
    database      = { multi_az = false, deletion_protection = true, final_snapshot = true }
  }

  expect_failures = [var.database]
}

run "prod_database_needs_deletion_protection" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment   = "prod"
    load_balancer = { deletion_protection = true, https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0" } }
    database      = { multi_az = true, deletion_protection = false, final_snapshot = true }
  }

  expect_failures = [var.database]
}

run "prod_database_needs_final_snapshot" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment   = "prod"
    load_balancer = { deletion_protection = true, https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0" } }
    database      = { multi_az = true, deletion_protection = true, final_snapshot = false }
  }

  expect_failures = [var.database]
}
