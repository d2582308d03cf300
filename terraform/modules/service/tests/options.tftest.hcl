# What the optional features refuse. variables.tf alone (tests/variables/ links to it) needs no provider.

variables {
  application = "shop"
  environment = "dev"
  region      = "eu-north-1"
  image       = "123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

run "refused_six_groups" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { security_group_ids = ["sg-1", "sg-2", "sg-3", "sg-4", "sg-5"] }
    service       = { security_group_ids = ["default"] }
  }

  expect_failures = [var.load_balancer, var.service]
}

run "refused_prefix_list_by_name" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { ingress_prefix_list_ids = ["com.amazonaws.global.cloudfront.origin-facing"] }
    service       = { security_group_ids = ["sg-1", "sg-2", "sg-3", "sg-4", "sg-5"] }
  }

  expect_failures = [var.load_balancer, var.service]
}

run "refused_block_that_is_none" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { ingress_cidr_blocks = ["::/0"] }
  }

  expect_failures = [var.load_balancer]
}

run "refused_web_acl_of_cloudfront" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { web_acl_arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/11111111-2222" }
  }

  expect_failures = [var.load_balancer]
}

run "refused_web_acl_of_another_region" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { web_acl_arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/shop/11111111-2222" }
  }

  expect_failures = [var.load_balancer]
}

run "refused_key_by_alias" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    encryption = { kms_key_arn = "arn:aws:kms:eu-north-1:123456789012:alias/company" }
  }

  expect_failures = [var.encryption]
}

run "refused_key_of_another_region" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    encryption = { kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555" }
  }

  expect_failures = [var.encryption]
}

# A load balancer writes its log into no bucket with a key of one's own.
run "refused_key_of_the_access_log" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    encryption = { kms_key_arn = "arn:aws:kms:eu-north-1:123456789012:key/11111111-2222-3333-4444-555555555555", of = ["logs", "access_logs"] }
  }

  expect_failures = [var.encryption]
}
