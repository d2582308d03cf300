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

run "refused_boot_hook_of_another_language" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { boot_hooks = { before = "#!/usr/bin/env python3\nprint(1)" } }
  }

  expect_failures = [var.service]
}

run "refused_boot_hook_that_is_cloud_config" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { boot_hooks = { after = "#cloud-config\npackages: [jq]" } }
  }

  expect_failures = [var.service]
}

run "refused_boot_hook_with_the_end_in_it" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { boot_hooks = { before = "true\nASG_DEPLOY_HOOK\nfalse" } }
  }

  expect_failures = [var.service]
}

run "refused_boot_hook_without_time" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { boot_hooks = { before = "true", timeout_seconds = 0 } }
  }

  expect_failures = [var.service]
}

run "taken_boot_hooks" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    service = { boot_hooks = { before = "#!/bin/bash\ntrue", after = "#!/usr/bin/env bash -x\n# a comment\ntrue" } }
  }
}

run "refused_listener_of_a_network_load_balancer" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/net/company/0/0", priority = 1, hosts = ["shop.example.com"] } }
  }

  expect_failures = [var.load_balancer]
}

run "refused_priority" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/0", priority = 0, hosts = ["shop.example.com"] } }
  }

  expect_failures = [var.load_balancer]
}

run "refused_rule_for_everything" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/0", priority = 1 } }
  }

  expect_failures = [var.load_balancer]
}

run "refused_path_without_a_slash" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/0", priority = 1, paths = ["shop/*"] } }
  }

  expect_failures = [var.load_balancer]
}

run "refused_hosts_that_are_all_patterns" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/0", priority = 1, hosts = ["*.example.com"] } }
  }

  expect_failures = [var.load_balancer]
}

run "refused_what_the_shared_load_balancer_decides" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { internal = true, shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/0", priority = 1, hosts = ["shop.example.com"] } }
  }

  expect_failures = [var.load_balancer]
}

run "taken_shared_by_prod" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    environment   = "prod"
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/0", priority = 50000, hosts = ["*.example.com"], domain_name = "shop.example.com" } }
  }
}

run "refused_strategy_of_another_name" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rollout = { strategy = "canary" }
  }

  expect_failures = [var.rollout]
}

run "refused_priorities_of_ones_own_load_balancer" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    rollout = { strategy = "blue-green", priorities = { preview = 1, weights = 2 } }
  }

  expect_failures = [var.rollout]
}

run "refused_priorities_of_rolling" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/1", priority = 100, paths = ["/shop/*"] } }
    rollout       = { priorities = { preview = 1, weights = 2 } }
  }

  expect_failures = [var.rollout]
}

run "refused_no_room_before_the_rule" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/1", priority = 2, paths = ["/shop/*"] } }
    rollout       = { strategy = "blue-green" }
  }

  expect_failures = [var.rollout]
}

run "refused_weights_behind_the_rule" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/1", priority = 100, paths = ["/shop/*"] } }
    rollout       = { strategy = "blue-green", priorities = { preview = 99, weights = 101 } }
  }

  expect_failures = [var.rollout]
}

run "refused_preview_behind_the_weights" {
  command = plan

  module {
    source = "./tests/variables"
  }

  variables {
    load_balancer = { shared = { listener_arn = "arn:aws:elasticloadbalancing:eu-north-1:123456789012:listener/app/company/0/1", priority = 100, paths = ["/shop/*"] } }
    rollout       = { strategy = "blue-green", priorities = { preview = 99, weights = 98 } }
  }

  expect_failures = [var.rollout]
}
