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
  target = data.aws_instances.green
  values = { ids = [] }
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
    condition     = !aws_lb.main[0].internal && aws_lb.main[0].subnets == toset(["subnet-public"])
    error_message = "A load balancer is public unless something else is asked for."
  }
}

run "internal" {
  command = plan

  variables {
    load_balancer = { internal = true }
  }

  assert {
    condition     = aws_lb.main[0].internal && aws_lb.main[0].subnets == toset(["subnet-private"])
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
    condition     = aws_lb.main[0].subnets == toset(["subnet-0c", "subnet-0d"])
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

run "who_gets_in_by_default" {
  command = plan

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.http) == ["0.0.0.0/0"] && length(aws_vpc_security_group_ingress_rule.prefix_list) == 0 && length(aws_wafv2_web_acl_association.main) == 0
    error_message = "Everybody gets in unless something else is asked for."
  }
}

run "prefix_lists_alone" {
  command = plan

  variables {
    load_balancer = { ingress_prefix_list_ids = ["pl-0123456789abcdef0"], https = { certificate_arn = "arn:aws:acm:eu-north-1:123456789012:certificate/0" } }
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.http) == 0 && length(aws_vpc_security_group_ingress_rule.https) == 0
    error_message = "With a prefix list the internet gets in no more."
  }

  assert {
    condition     = [for rule in values(aws_vpc_security_group_ingress_rule.prefix_list) : [rule.prefix_list_id, rule.from_port, rule.to_port]] == [["pl-0123456789abcdef0", 443, 443]]
    error_message = "A prefix list gets in on the port that serves, and on no other."
  }
}

run "prefix_lists_beside_addresses_without_https" {
  command = plan

  variables {
    load_balancer = { ingress_prefix_list_ids = ["pl-0123456789abcdef0"], ingress_cidr_blocks = ["10.0.0.0/8"] }
  }

  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.http) == ["10.0.0.0/8"] && aws_vpc_security_group_ingress_rule.prefix_list["pl-0123456789abcdef0"].from_port == 80
    error_message = "Addresses that are given stay beside the list."
  }
}

run "further_security_groups" {
  command = plan

  override_resource {
    target          = aws_security_group.load_balancer
    override_during = plan
    values          = { id = "sg-a" }
  }

  override_resource {
    target          = aws_security_group.service
    override_during = plan
    values          = { id = "sg-b" }
  }

  variables {
    load_balancer = { security_group_ids = ["sg-0c"], ingress_cidr_blocks = [] }
    service       = { security_group_ids = ["sg-0d", "sg-0e"] }
  }

  assert {
    condition     = aws_lb.main[0].security_groups == toset(["sg-a", "sg-0c"]) && length(aws_vpc_security_group_ingress_rule.http) == 0
    error_message = "The load balancer gets the groups besides its own, and who gets in may be theirs alone to say."
  }

  assert {
    condition     = toset(one(aws_launch_template.service.network_interfaces).security_groups) == toset(["sg-b", "sg-0d", "sg-0e"])
    error_message = "The instances get the groups besides their own."
  }
}

run "a_web_acl" {
  command = plan

  variables {
    load_balancer = { web_acl_arn = "arn:aws:wafv2:eu-north-1:123456789012:regional/webacl/shop/11111111-2222" }
  }

  assert {
    condition     = aws_wafv2_web_acl_association.main[0].resource_arn == aws_lb.main[0].arn && endswith(aws_wafv2_web_acl_association.main[0].web_acl_arn, "webacl/shop/11111111-2222")
    error_message = "The web ACL stands before the load balancer."
  }
}
