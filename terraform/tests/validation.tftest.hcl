# Every rule about a variable, broken once. A run breaks one rule of several variables, and each of them must object.

provider "aws" {
  region                      = "eu-north-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "123456789012" }
}

override_data {
  target = data.aws_availability_zones.available
  values = { names = ["eu-north-1a", "eu-north-1b", "eu-north-1c"] }
}

override_data {
  target = data.aws_ssm_parameter.ami
  values = { value = "ami-0123456789abcdef0" }
}

variables {
  application = "shop"
  environment = "dev"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "refused_1" {
  command = plan

  variables {
    application              = "Shop"
    region                   = "Stockholm"
    image                    = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop:latest"
    network                  = { cidr_block = "10.0.0.0/8" }
    capacity                 = { min = 0 }
    service                  = { instance_type = "huge" }
    load_balancer            = { health_check_path = "healthz" }
    database                 = { instance_class = "t4g.micro" }
    settings                 = { log-level = "info" }
    observability            = { log_days = 10 }
    permissions_boundary_arn = "arn:aws:iam::1:policy/x"
  }

  expect_failures = [var.application, var.region, var.image, var.network, var.capacity, var.service, var.load_balancer, var.database, var.settings, var.observability, var.permissions_boundary_arn]
}

run "refused_2" {
  command = plan

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

  variables {
    service       = { root_volume_gb = 4 }
    load_balancer = { ingress_cidr_blocks = [] }
    database      = { backup_days = 0 }
  }

  expect_failures = [var.service, var.load_balancer, var.database]
}

run "refused_6" {
  command = plan

  variables {
    service       = { container_port = 22 }
    load_balancer = { access_log_days = 0 }
    database      = { password_version = 0 }
  }

  expect_failures = [var.service, var.load_balancer, var.database]
}

run "refused_7" {
  command = plan

  variables {
    service       = { startup_timeout_seconds = 5 }
    load_balancer = { https = {} }
  }

  expect_failures = [var.service, var.load_balancer]
}

run "refused_8" {
  command = plan

  variables {
    service = { warmup_seconds = -1 }
  }

  expect_failures = [var.service]
}

run "refused_9" {
  command = plan

  variables {
    service = { min_healthy_percentage = 50, max_healthy_percentage = 200 }
  }

  expect_failures = [var.service]
}

run "refused_10" {
  command = plan

  variables {
    service = { max_lifetime_days = 0 }
  }

  expect_failures = [var.service]
}

run "refused_11" {
  command = plan

  variables {
    service = { cpu_target_percent = 100 }
  }

  expect_failures = [var.service]
}

# Rules that read a second variable are judged only when that one is right.

run "refused_environment" {
  command = plan

  variables {
    environment = "production"
    secrets     = ["api-key"]
  }

  expect_failures = [var.environment, var.secrets]
}

run "refused_secret_that_the_service_gives_itself" {
  command = plan

  variables {
    secrets = ["DATABASE_URL"]
  }

  expect_failures = [var.secrets]
}

run "refused_secret_that_is_a_setting" {
  command = plan

  variables {
    settings = { API_KEY = "visible" }
    secrets  = ["API_KEY"]
  }

  expect_failures = [var.secrets]
}
