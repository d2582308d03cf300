# Where the load balancer is, who reaches it, and what stands before it. No credentials, no network.

provider "aws" {
  region                      = "eu-north-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  default_tags {
    tags = { Application = var.application, Environment = var.environment }
  }
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

override_data {
  target = data.aws_subnet.existing["subnet-0c"]
  values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1a" }
}

override_data {
  target = data.aws_subnet.existing["subnet-0d"]
  values = { vpc_id = "vpc-0123456789abcdef0", availability_zone = "eu-north-1b" }
}

override_resource {
  target          = aws_lb.main
  override_during = plan
  values = {
    arn        = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:loadbalancer/app/shop-dev/0123456789abcdef"
    arn_suffix = "app/shop-dev/0123456789abcdef"
    dns_name   = "shop-1.eu-north-1.elb.amazonaws.com"
  }
}

override_resource {
  target          = aws_subnet.private
  override_during = plan
  values          = { id = "subnet-private" }
}

override_resource {
  target          = aws_subnet.public
  override_during = plan
  values          = { id = "subnet-public" }
}

variables {
  application = "shop"
  region      = "eu-north-1"
  environment = "dev"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "the_internet_by_default" {
  command = plan

  assert {
    condition     = !aws_lb.main.internal && aws_lb.main.subnets == toset(["subnet-public"])
    error_message = "A load balancer is public unless something else is asked for."
  }
}

run "internal" {
  command = plan

  variables {
    load_balancer = { internal = true }
  }

  assert {
    condition     = aws_lb.main.internal && aws_lb.main.subnets == toset(["subnet-private"])
    error_message = "An internal load balancer is in the private subnets."
  }
}

run "internal_in_a_network_without_public_subnets" {
  command = plan

  variables {
    load_balancer = { internal = true }
    network       = { existing = { vpc_id = "vpc-0123456789abcdef0", private_subnet_ids = ["subnet-0c", "subnet-0d"] } }
  }

  assert {
    condition     = aws_lb.main.subnets == toset(["subnet-0c", "subnet-0d"])
    error_message = "A network without public subnets can have an internal load balancer."
  }
}

run "public_in_a_network_without_public_subnets_is_refused" {
  command = plan

  variables {
    network = { existing = { vpc_id = "vpc-0123456789abcdef0", private_subnet_ids = ["subnet-0c", "subnet-0d"] } }
  }

  expect_failures = [aws_lb.main]
}
