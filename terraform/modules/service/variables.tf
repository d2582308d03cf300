# What the action gives on every run.

variable "application" {
  type        = string
  description = "Name of the application; every resource carries it."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9]){1,19}$", var.application)) && length(var.application) <= 20
    error_message = "application: write 2 to 20 lower-case letters, digits and single hyphens, starting with a letter, such as \"shop\" (load balancer names end at 32 characters)."
  }

  validation {
    condition     = !can(regex("^((internal|sg)(-|$)|aws|ssm)", var.application))
    error_message = "application: choose a name that does not begin with \"internal\", \"sg-\", \"aws\" or \"ssm\": AWS keeps those for load balancers, security groups and parameters of its own."
  }
}

variable "environment" {
  type        = string
  description = "dev, staging, prod or a name of your own; each has its own state, names and network. What is demanded of production is demanded of `prod` alone."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,9}$", var.environment)) && var.environment != "bootstrap"
    error_message = "environment is \"${var.environment}\"; write dev, staging, prod or a name of your own of 2 to 10 lower-case letters and digits that begins with a letter and is not \"bootstrap\", such as \"qa\"."
  }
}

variable "region" {
  type        = string
  description = "AWS region of every resource: the one of the provider."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region: write a region code such as eu-north-1."
  }

  validation {
    condition     = !startswith(var.region, "cn-")
    error_message = "region is \"${var.region}\", in China (aws-cn), whose service principals and endpoints are not known here: write a region of another partition, or a root of your own."
  }
}

variable "image" {
  type        = string
  description = "Image to run, as repository@sha256:digest. A digest and not a tag, so that a template version says exactly what runs."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image: write registry/repository@sha256: and 64 hex digits, such as 123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop@sha256:9f3c… ; a tag can move under a running group, so it is not accepted."
  }
}

# What an environment decides (environments/*.tfvars). A null object is a feature that is off.

variable "network" {
  type = object({
    cidr_block          = optional(string, "10.0.0.0/16")
    availability_zones  = optional(number, 2)
    nat                 = optional(string, "single")
    interface_endpoints = optional(bool, false)
    existing = optional(object({
      vpc_id             = string
      public_subnet_ids  = optional(list(string), [])
      private_subnet_ids = list(string)
    }))
  })
  description = "The network to make, or `existing` to use one: `public_subnet_ids` are the load balancer's, unless it is internal. `nat` is none, single or per_az; with none and no interface endpoints, instances live in public subnets behind a closed security group."
  default     = {}
  nullable    = false

  validation {
    condition     = can(cidrhost(var.network.cidr_block, 0)) && try(tonumber(split("/", var.network.cidr_block)[1]) >= 16 && tonumber(split("/", var.network.cidr_block)[1]) <= 22, false)
    error_message = "network.cidr_block: write an IPv4 block from /16 to /22, such as 10.0.0.0/16."
  }

  validation {
    condition     = contains([2, 3, 4], var.network.availability_zones)
    error_message = "network.availability_zones: write 2, 3 or 4; a load balancer needs at least 2 zones."
  }

  validation {
    condition     = contains(["none", "single", "per_az"], var.network.nat)
    error_message = "network.nat: write none, single or per_az."
  }

  validation {
    condition = var.network.existing == null || try(
      startswith(var.network.existing.vpc_id, "vpc-") &&
      (length(var.network.existing.public_subnet_ids) == 0 || length(distinct(var.network.existing.public_subnet_ids)) >= 2) &&
      length(distinct(var.network.existing.private_subnet_ids)) >= 2 &&
      alltrue([for id in concat(var.network.existing.public_subnet_ids, var.network.existing.private_subnet_ids) : startswith(id, "subnet-")]),
    false)
    error_message = "network.existing: write a vpc-… id, and at least two subnet-… ids in different zones for each of public_subnet_ids (none, where no load balancer is in them) and private_subnet_ids."
  }
}

variable "capacity" {
  type = object({
    min     = optional(number, 2)
    max     = optional(number)
    desired = optional(number)
  })
  description = "Number of instances. `max` defaults to twice `min`; `desired` (default `min`) counts only when the group is made: afterwards scaling owns it."
  default     = {}
  nullable    = false

  validation {
    condition     = var.capacity.min >= 1 && floor(var.capacity.min) == var.capacity.min
    error_message = "capacity.min: write a whole number from 1; a group of 0 serves nobody."
  }

  validation {
    condition     = var.capacity.max == null || try(var.capacity.max >= var.capacity.min && floor(var.capacity.max) == var.capacity.max, false)
    error_message = "capacity.max: write a whole number that is not below capacity.min."
  }

  validation {
    condition     = var.capacity.desired == null || try(var.capacity.desired >= var.capacity.min && var.capacity.desired <= coalesce(var.capacity.max, 2 * var.capacity.min) && floor(var.capacity.desired) == var.capacity.desired, false)
    error_message = "capacity.desired: write a whole number from capacity.min to capacity.max."
  }
}

variable "service" {
  type = object({
    instance_type           = optional(string, "t3.micro")
    architecture            = optional(string, "x86_64")
    system                  = optional(string, "al2023")
    ami_id                  = optional(string)
    root_volume_gb          = optional(number)
    container_port          = optional(number, 3000)
    startup_timeout_seconds = optional(number, 120)
    warmup_seconds          = optional(number, 120)
    min_healthy_percentage  = optional(number, 100)
    max_healthy_percentage  = optional(number, 200)
    max_lifetime_days       = optional(number)
    cpu_target_percent      = optional(number)
    requests_per_target     = optional(number)
    security_group_ids      = optional(list(string), [])
    configuration_version   = optional(number, 1)
    metadata_hop_limit      = optional(number)
    permissions = optional(object({
      policies    = optional(map(string), {})
      policy_arns = optional(map(string), {})
    }), {})
    boot_hooks = optional(object({
      before          = optional(string)
      after           = optional(string)
      timeout_seconds = optional(number, 120)
    }), {})
    spot = optional(object({
      instance_types       = list(string)
      on_demand_base       = optional(number, 1)
      on_demand_percentage = optional(number, 0)
    }))
  })
  description = "The machine and the container on it. `system` is al2023 or ecs (Amazon Linux 2023 with Docker in it, so that a boot need not install it; the AWS CLI, which it lacks, is); its newest image, or `ami_id`. `root_volume_gb` is 16, with ecs 30, and never less than the image is. `cpu_target_percent` and `requests_per_target` (a minute) scale the group, `spot` mixes Spot capacity in: `on_demand_base` instances, and `on_demand_percentage` of those above, are On-Demand. `security_group_ids` are groups that the instances get besides their own. `boot_hooks` are bash scripts that run as root, `before` all else of a boot and `after` the container is healthy; one that fails, or takes longer than `timeout_seconds`, fails the boot. `configuration_version`: raise it to roll the instances so that they read changed parameters. `permissions` is what the application may do on AWS: `policies` by name as JSON, `policy_arns` by a name of your choice as the ARNs of managed policies; with them the container reaches the instance's credentials (`metadata_hop_limit` 2, else 1)."
  default     = {}
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", var.service.instance_type))
    error_message = "service.instance_type: write an EC2 type such as t3.micro."
  }

  validation {
    condition     = contains(["x86_64", "arm64"], var.service.architecture)
    error_message = "service.architecture: write x86_64 or arm64."
  }

  validation {
    # Graviton families carry a g after the generation: t4g, m7g, c6gn, r8gd.
    condition     = can(regex("^[a-z]+[0-9]+g", var.service.instance_type)) == (var.service.architecture == "arm64")
    error_message = "service.architecture does not fit service.instance_type: Graviton types (t4g, m7g, …) are arm64, all others x86_64."
  }

  validation {
    condition     = var.service.ami_id == null || can(regex("^ami-[0-9a-f]{8,17}$", var.service.ami_id))
    error_message = "service.ami_id: write an ami-… id or leave it out; an SSM parameter would make rollback impossible."
  }

  validation {
    condition     = contains(["al2023", "ecs"], var.service.system)
    error_message = "service.system: write al2023 or ecs; for any other system give its image as service.ami_id."
  }

  validation {
    condition     = var.service.root_volume_gb == null || try(var.service.root_volume_gb >= 8 && var.service.root_volume_gb <= 16384, false)
    error_message = "service.root_volume_gb: write 8 to 16384; Amazon Linux itself needs 8."
  }

  validation {
    # EC2 refuses a volume that is smaller than the image's snapshot, when the first instance is launched.
    condition     = var.service.system != "ecs" || var.service.ami_id != null || try(coalesce(var.service.root_volume_gb, 30) >= 30, false)
    error_message = "service.root_volume_gb: the ECS-optimized system is 30 GB large; write 30 or more, or leave it out."
  }

  validation {
    condition     = var.service.container_port >= 1 && var.service.container_port <= 65535 && var.service.container_port != 22 && floor(var.service.container_port) == var.service.container_port
    error_message = "service.container_port: write the port that the container listens on (PORT tells it), a whole number of 1 to 65535 and not 22."
  }

  validation {
    condition     = var.service.startup_timeout_seconds >= 10 && var.service.startup_timeout_seconds <= 1800
    error_message = "service.startup_timeout_seconds: write 10 to 1800, the time that the container may take from its start to its first good health check."
  }

  validation {
    condition     = var.service.warmup_seconds >= 0 && var.service.warmup_seconds <= 3600
    error_message = "service.warmup_seconds: write 0 to 3600."
  }

  validation {
    condition     = var.service.min_healthy_percentage >= 0 && var.service.min_healthy_percentage <= 100 && var.service.max_healthy_percentage >= 100 && var.service.max_healthy_percentage <= 200 && var.service.max_healthy_percentage - var.service.min_healthy_percentage <= 100
    error_message = "service.min_healthy_percentage is 0 to 100, max_healthy_percentage 100 to 200, and they may be at most 100 apart."
  }

  validation {
    condition     = var.service.max_lifetime_days == null || try(var.service.max_lifetime_days >= 1 && var.service.max_lifetime_days <= 365, false)
    error_message = "service.max_lifetime_days: write 1 to 365 or leave it out."
  }

  validation {
    condition     = var.service.cpu_target_percent == null || try(var.service.cpu_target_percent >= 10 && var.service.cpu_target_percent <= 90, false)
    error_message = "service.cpu_target_percent: write 10 to 90, or leave it out for a fixed number of instances."
  }

  validation {
    condition     = var.service.requests_per_target == null || try(var.service.requests_per_target >= 1, false)
    error_message = "service.requests_per_target: write how many requests a minute one instance should serve, from 1, or leave it out."
  }

  validation {
    condition     = var.service.metadata_hop_limit == null || try(contains([1, 2], var.service.metadata_hop_limit), false)
    error_message = "service.metadata_hop_limit: write 1, which keeps the container away from the instance's credentials, or 2, or leave it out: it is 2 where service.permissions are given."
  }

  validation {
    condition     = alltrue([for name, document in var.service.permissions.policies : can(regex("^[A-Za-z0-9_+=,.@-]{1,128}$", name)) && name != "instance" && try(length(jsondecode(document).Statement) > 0, false)])
    error_message = "service.permissions.policies: write policy documents as JSON with a Statement, by names such as \"uploads\"; \"instance\" is the service's own."
  }

  validation {
    condition     = alltrue([for arn in values(var.service.permissions.policy_arns) : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/", arn))])
    error_message = "service.permissions.policy_arns: write ARNs of managed policies, such as { queue = \"arn:aws:iam::123456789012:policy/shop-orders\" }."
  }

  validation {
    condition     = alltrue([for id in var.service.security_group_ids : can(regex("^sg-[0-9a-f]+$", id))]) && length(distinct(var.service.security_group_ids)) <= 4
    error_message = "service.security_group_ids: write up to four sg-… ids; with its own that makes five, which is what AWS takes."
  }

  validation {
    condition     = alltrue([for hook in [var.service.boot_hooks.before, var.service.boot_hooks.after] : hook == null || try(trimspace(hook) != "" && (!startswith(trimspace(hook), "#!") || can(regex("^#![^\n]*\\b(ba)?sh\\b", trimspace(hook)))) && !startswith(trimspace(hook), "#cloud-config"), false)])
    error_message = "service.boot_hooks: before and after are bash scripts; write commands (no cloud-config, no other language), or leave them out."
  }

  validation {
    condition     = alltrue([for hook in [var.service.boot_hooks.before, var.service.boot_hooks.after] : hook == null || !can(regex("(?m)^ASG_DEPLOY_HOOK\\s*$", hook))])
    error_message = "service.boot_hooks: a line that is ASG_DEPLOY_HOOK and nothing else would end the script; write it in another way."
  }

  validation {
    condition     = var.service.boot_hooks.timeout_seconds >= 1 && var.service.boot_hooks.timeout_seconds <= 900 && floor(var.service.boot_hooks.timeout_seconds) == var.service.boot_hooks.timeout_seconds
    error_message = "service.boot_hooks.timeout_seconds: write a whole number from 1 to 900, the time that each hook may take."
  }

  validation {
    condition     = var.service.spot == null || try(length(distinct(var.service.spot.instance_types)) >= 2 && alltrue([for type in var.service.spot.instance_types : can(regex("^[a-z]+[0-9]+g", type)) == (var.service.architecture == "arm64")]), false)
    error_message = "service.spot.instance_types: write two or more EC2 types of service.architecture (Graviton types are arm64), for one type alone is soon sold out; they replace instance_type."
  }

  validation {
    condition     = var.service.spot == null || try(var.service.spot.on_demand_base >= 0 && floor(var.service.spot.on_demand_base) == var.service.spot.on_demand_base && var.service.spot.on_demand_percentage >= 0 && var.service.spot.on_demand_percentage <= 100, false)
    error_message = "service.spot: write a whole number from 0 as on_demand_base, and 0 to 100 as on_demand_percentage."
  }

  validation {
    condition     = var.environment != "prod" || var.service.spot == null || try(var.service.spot.on_demand_base >= 1, false)
    error_message = "service.spot.on_demand_base: prod needs at least 1; every Spot instance may be taken back on two minutes' notice."
  }
}

variable "load_balancer" {
  type = object({
    internal                      = optional(bool, false)
    health_check_path             = optional(string, "/healthz")
    health_check_interval_seconds = optional(number, 10)
    healthy_threshold             = optional(number, 2)
    unhealthy_threshold           = optional(number, 6)
    deregistration_delay_seconds  = optional(number, 30)
    ingress_cidr_blocks           = optional(list(string))
    ingress_prefix_list_ids       = optional(list(string), [])
    security_group_ids            = optional(list(string), [])
    web_acl_arn                   = optional(string)
    deletion_protection           = optional(bool, false)
    access_log_days               = optional(number)
    https = optional(object({
      certificate_arn = optional(string)
      domain_name     = optional(string)
      zone_id         = optional(string)
      hsts_days       = optional(number, 365)
    }))
    shared = optional(object({
      listener_arn = string
      priority     = number
      hosts        = optional(list(string), [])
      paths        = optional(list(string), [])
      domain_name  = optional(string)
    }))
  })
  description = "The load balancer, its health check and its certificate. `internal` puts it into the private subnets, where only the VPC and what is joined to it reach it; a change makes another load balancer. Who gets in is in `ingress_cidr_blocks` (all, unless prefix lists are given), `ingress_prefix_list_ids`, and the rules of `security_group_ids`, which it gets besides its own. `web_acl_arn` is an AWS WAF web ACL that stands before it. `https` null serves plain HTTP; with it, give `certificate_arn`, or `domain_name` and `zone_id` to have a certificate made. For `hsts_days` browsers refuse to come back by plain HTTP (0 leaves it to the application). `access_log_days` null keeps no access log. `shared` makes no load balancer, but a rule with this `priority` on a listener of one that exists, for these `hosts` and `paths`; `domain_name` is where the service is asked for then, if it is not the first of `hosts`."
  default     = {}
  nullable    = false

  validation {
    condition     = can(regex("^/[A-Za-z0-9/._~-]*$", var.load_balancer.health_check_path))
    error_message = "load_balancer.health_check_path: write a path that starts with /, such as /healthz."
  }

  validation {
    condition     = var.load_balancer.health_check_interval_seconds >= 5 && var.load_balancer.health_check_interval_seconds <= 300
    error_message = "load_balancer.health_check_interval_seconds: write 5 to 300."
  }

  validation {
    condition     = alltrue([for n in [var.load_balancer.healthy_threshold, var.load_balancer.unhealthy_threshold] : n >= 2 && n <= 10])
    error_message = "load_balancer.healthy_threshold and unhealthy_threshold: write 2 to 10."
  }

  validation {
    condition     = var.load_balancer.deregistration_delay_seconds >= 0 && var.load_balancer.deregistration_delay_seconds <= 3600
    error_message = "load_balancer.deregistration_delay_seconds: write 0 to 3600, the time that the longest request may take."
  }

  validation {
    condition     = var.load_balancer.ingress_cidr_blocks == null || try(alltrue([for block in var.load_balancer.ingress_cidr_blocks : can(cidrnetmask(block))]), false)
    error_message = "load_balancer.ingress_cidr_blocks: write IPv4 blocks such as 0.0.0.0/0."
  }

  validation {
    condition     = var.load_balancer.ingress_cidr_blocks == null || try(length(var.load_balancer.ingress_cidr_blocks), 1) > 0 || length(var.load_balancer.ingress_prefix_list_ids) > 0 || length(var.load_balancer.security_group_ids) > 0
    error_message = "load_balancer.ingress_cidr_blocks: nobody gets in; write a block such as 0.0.0.0/0, ingress_prefix_list_ids, or security_group_ids whose rules let somebody in."
  }

  validation {
    condition     = alltrue([for id in var.load_balancer.ingress_prefix_list_ids : can(regex("^pl-[0-9a-f]+$", id))])
    error_message = "load_balancer.ingress_prefix_list_ids: write ids of prefix lists, such as pl-0123456789abcdef0."
  }

  validation {
    # An interface has five groups, unless a quota was raised.
    condition     = alltrue([for id in var.load_balancer.security_group_ids : can(regex("^sg-[0-9a-f]+$", id))]) && length(distinct(var.load_balancer.security_group_ids)) <= 4
    error_message = "load_balancer.security_group_ids: write up to four sg-… ids; with its own that makes five, which is what AWS takes."
  }

  validation {
    condition     = var.load_balancer.web_acl_arn == null || can(regex("^arn:aws[a-z-]*:wafv2:${var.region}:[0-9]{12}:regional/webacl/[^/]+/[^/]+$", var.load_balancer.web_acl_arn))
    error_message = "load_balancer.web_acl_arn: write the ARN of a regional web ACL of ${var.region}, such as arn:aws:wafv2:${var.region}:123456789012:regional/webacl/shop/…; those of CloudFront (global/webacl) don't fit a load balancer."
  }

  validation {
    condition     = var.load_balancer.access_log_days == null || try(var.load_balancer.access_log_days >= 1 && var.load_balancer.access_log_days <= 3650, false)
    error_message = "load_balancer.access_log_days: write 1 to 3650, or leave it out for no access log."
  }

  validation {
    condition = var.load_balancer.https == null || try(
      can(regex("^arn:aws[a-z-]*:acm:", var.load_balancer.https.certificate_arn)) ||
      (var.load_balancer.https.certificate_arn == null && can(regex("^([a-z0-9-]+[.])+[a-z][a-z0-9-]+$", var.load_balancer.https.domain_name)) && can(regex("^[A-Z0-9]{1,32}$", var.load_balancer.https.zone_id))),
    false)
    error_message = "load_balancer.https: write certificate_arn (arn:aws:acm:…), or domain_name (shop.example.com) and zone_id (of a Route 53 zone, such as Z0123456789ABC) to have one made."
  }

  validation {
    condition     = try(var.load_balancer.https.domain_name, null) == null || can(regex("^([a-z0-9-]+[.])+[a-z][a-z0-9-]+$", var.load_balancer.https.domain_name))
    error_message = "load_balancer.https.domain_name: write a name in small letters without https:// and without a path, such as shop.example.com: there the service is asked for."
  }

  validation {
    # AWS refuses a certificate of another region when the listener is made.
    condition     = try(var.load_balancer.https.certificate_arn, null) == null || try(split(":", var.load_balancer.https.certificate_arn)[3] == var.region, false)
    error_message = "load_balancer.https.certificate_arn: a load balancer takes certificates of its own region; write the ARN of one in ${var.region}."
  }

  validation {
    condition     = var.load_balancer.https == null || try(var.load_balancer.https.hsts_days >= 0 && var.load_balancer.https.hsts_days <= 730, false)
    error_message = "load_balancer.https.hsts_days: write 0 to 730."
  }

  validation {
    condition     = var.load_balancer.shared == null || try(can(regex("^arn:aws[a-z-]*:elasticloadbalancing:${var.region}:[0-9]{12}:listener/app/[^/]+/[0-9a-f]+/[0-9a-f]+$", var.load_balancer.shared.listener_arn)), false)
    error_message = "load_balancer.shared.listener_arn: write the ARN of a listener of an application load balancer in ${var.region}, arn:aws:elasticloadbalancing:${var.region}:123456789012:listener/app/…/…/…."
  }

  validation {
    condition     = var.load_balancer.shared == null || try(var.load_balancer.shared.priority >= 1 && var.load_balancer.shared.priority <= 50000 && floor(var.load_balancer.shared.priority) == var.load_balancer.shared.priority, false)
    error_message = "load_balancer.shared.priority: write a whole number from 1 to 50000 that no other rule of the listener has."
  }

  validation {
    condition = var.load_balancer.shared == null || try(
      length(concat(var.load_balancer.shared.hosts, var.load_balancer.shared.paths)) >= 1 && length(concat(var.load_balancer.shared.hosts, var.load_balancer.shared.paths)) <= 5 &&
      alltrue([for host in var.load_balancer.shared.hosts : can(regex("^[a-z0-9*?.-]{1,128}$", host))]) &&
      alltrue([for path in var.load_balancer.shared.paths : can(regex("^/[A-Za-z0-9_.$/~\"'@:+*?&-]{0,127}$", path))]),
    false)
    error_message = "load_balancer.shared: write hosts (shop.example.com) or paths (/shop/*), together one to five, which is what a rule takes; a host is in small letters, a path begins with /."
  }

  validation {
    condition     = try(var.load_balancer.shared.domain_name, null) != null ? can(regex("^([a-z0-9-]+[.])*[a-z][a-z0-9-]+$", var.load_balancer.shared.domain_name)) : try(length(var.load_balancer.shared.hosts) == 0 || anytrue([for host in var.load_balancer.shared.hosts : !can(regex("[*?]", host))]), true)
    error_message = "load_balancer.shared: write a name without * and ? among hosts, or one that they fit as domain_name (shop.example.com): there the service is asked for."
  }

  validation {
    condition = var.load_balancer.shared == null || !anytrue([
      var.load_balancer.internal, var.load_balancer.deletion_protection, var.load_balancer.access_log_days != null, var.load_balancer.https != null,
      var.load_balancer.web_acl_arn != null, var.load_balancer.ingress_cidr_blocks != null, length(var.load_balancer.ingress_prefix_list_ids) > 0, length(var.load_balancer.security_group_ids) > 0,
    ])
    error_message = "load_balancer.shared: internal, https, deletion_protection, access_log_days, web_acl_arn, security_group_ids and who gets in belong to the load balancer that is shared; take them out."
  }

  validation {
    condition     = var.environment != "prod" || var.load_balancer.https != null || var.load_balancer.shared != null
    error_message = "load_balancer.https: prod does not serve plain HTTP; write certificate_arn, or domain_name and zone_id."
  }

  validation {
    condition     = var.environment != "prod" || var.load_balancer.deletion_protection || var.load_balancer.shared != null
    error_message = "load_balancer.deletion_protection: prod needs it; write true."
  }
}

variable "rollout" {
  type = object({
    strategy = optional(string, "rolling")
    priorities = optional(object({
      preview = number
      weights = number
    }))
  })
  description = "How instances come to another version. `strategy` is rolling (an instance refresh of the one group) or blue-green: a second group and target group, empty between rollouts, and two rules on the listener, whose requests the action moves from one to the other. Sizes of both groups are the action's then: it gives `capacity` to the one that serves. `priorities` are those of the two rules on a shared load balancer's listener (the two numbers before `load_balancer.shared.priority`, unless given)."
  default     = {}
  nullable    = false

  validation {
    condition     = contains(["rolling", "blue-green"], var.rollout.strategy)
    error_message = "rollout.strategy is \"${var.rollout.strategy}\"; write \"rolling\" or \"blue-green\"."
  }

  validation {
    condition     = var.rollout.priorities == null || (var.rollout.strategy == "blue-green" && var.load_balancer.shared != null)
    error_message = "rollout.priorities: they are for the strategy blue-green on a shared load balancer (load_balancer.shared) alone; leave them out."
  }

  validation {
    condition = var.rollout.strategy != "blue-green" || var.load_balancer.shared == null || try(
      var.rollout.priorities == null ? var.load_balancer.shared.priority >= 3 : (
        var.rollout.priorities.preview >= 1 && var.rollout.priorities.preview < var.rollout.priorities.weights && var.rollout.priorities.weights < var.load_balancer.shared.priority &&
        floor(var.rollout.priorities.preview) == var.rollout.priorities.preview && floor(var.rollout.priorities.weights) == var.rollout.priorities.weights
    ), false)
    error_message = "rollout.priorities: the two rules of blue-green come before the one of load_balancer.shared.priority; write two whole numbers below it that no other rule of the listener has, preview the smaller one, such as { preview = 98, weights = 99 } (left out, they are the two numbers before it, so that it has to be 3 or more)."
  }
}

variable "database" {
  type = object({
    instance_class          = optional(string, "db.t4g.micro")
    engine_version          = optional(string, "17")
    allocated_storage_gb    = optional(number, 20)
    max_storage_gb          = optional(number, 100)
    multi_az                = optional(bool, false)
    backup_days             = optional(number, 7)
    deletion_protection     = optional(bool, false)
    final_snapshot          = optional(bool)
    password_version        = optional(number, 1)
    maintenance_window      = optional(string, "sun:03:00-sun:04:00")
    backup_window           = optional(string, "01:30-02:30")
    performance_insights    = optional(bool, false)
    slow_query_milliseconds = optional(number, 1000)
    apply_immediately       = optional(bool, true)

    allow_major_version_upgrade = optional(bool, false)
  })
  description = "A PostgreSQL database, or null for none. DATABASE_URL reaches the container by Parameter Store. Raise `password_version` to rotate the password. `apply_immediately` false keeps what interrupts service (another class, a parameter that needs a restart) for the maintenance window. `allow_major_version_upgrade` goes with a new major `engine_version`. `final_snapshot` is what a deletion leaves: one is made unless it is false, in dev only if it is true."
  default     = null

  validation {
    condition     = var.database == null || can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.database.instance_class))
    error_message = "database.instance_class: write an RDS class such as db.t4g.micro."
  }

  validation {
    # AWS refuses storage encryption on these, minutes into the apply.
    condition     = var.database == null || !can(regex("^db\\.(m1|m2|t1|cr1|t2\\.micro)", var.database.instance_class))
    error_message = "database.instance_class: this class can't encrypt its storage; write db.t4g.micro or newer."
  }

  validation {
    condition     = var.database == null || can(regex("^1[4-9](\\.[0-9]+)?$", var.database.engine_version))
    error_message = "database.engine_version: write a PostgreSQL version such as 17 or 17.6; a major version alone takes its minor upgrades by itself."
  }

  validation {
    condition     = var.database == null || try(var.database.allocated_storage_gb >= 20 && var.database.max_storage_gb >= ceil(var.database.allocated_storage_gb * 1.1), false)
    error_message = "database: write at least 20 for allocated_storage_gb, and a max_storage_gb at least 10 % above it."
  }

  validation {
    condition     = var.database == null || try(var.database.backup_days >= 1 && var.database.backup_days <= 35, false)
    error_message = "database.backup_days: write 1 to 35."
  }

  validation {
    condition     = var.database == null || can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$", var.database.backup_window))
    error_message = "database.backup_window: write a time of day in UTC, such as 01:30-02:30."
  }

  validation {
    condition     = var.database == null || can(regex("^(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]-(mon|tue|wed|thu|fri|sat|sun):([01][0-9]|2[0-3]):[0-5][0-9]$", var.database.maintenance_window))
    error_message = "database.maintenance_window: write days and times in UTC, such as sun:03:00-sun:04:00."
  }

  validation {
    # In minutes of a day, which one may end behind midnight.
    condition = var.database == null || !try(
      (tonumber(substr(var.database.backup_window, 6, 2)) * 60 + tonumber(substr(var.database.backup_window, 9, 2)) -
      tonumber(substr(var.database.backup_window, 0, 2)) * 60 - tonumber(substr(var.database.backup_window, 3, 2)) + 1440) % 1440 < 30,
    false)
    error_message = "database.backup_window: RDS wants 30 minutes at least; write a longer one."
  }

  validation {
    condition = var.database == null || !try(
      substr(var.database.maintenance_window, 0, 3) == substr(var.database.maintenance_window, 10, 3) &&
      tonumber(substr(var.database.maintenance_window, 14, 2)) * 60 + tonumber(substr(var.database.maintenance_window, 17, 2)) -
      tonumber(substr(var.database.maintenance_window, 4, 2)) * 60 - tonumber(substr(var.database.maintenance_window, 7, 2)) < 30,
    false)
    error_message = "database.maintenance_window: RDS wants 30 minutes at least; write a longer one."
  }

  validation {
    # RDS refuses windows that overlap. A window over midnight is left to RDS to judge.
    condition = var.database == null || !try(
      tonumber(replace(substr(var.database.backup_window, 0, 5), ":", "")) < tonumber(replace(substr(var.database.maintenance_window, 14, 5), ":", "")) &&
      tonumber(replace(substr(var.database.maintenance_window, 4, 5), ":", "")) < tonumber(replace(substr(var.database.backup_window, 6, 5), ":", "")),
    false)
    error_message = "database.backup_window and maintenance_window overlap, which RDS refuses; write times that do not."
  }

  validation {
    condition     = var.database == null || try(var.database.slow_query_milliseconds >= -1 && floor(var.database.slow_query_milliseconds) == var.database.slow_query_milliseconds, false)
    error_message = "database.slow_query_milliseconds: write a whole number: from 0 the statements that take so long are logged, -1 logs none."
  }

  validation {
    condition     = var.database == null || try(var.database.password_version >= 1 && floor(var.database.password_version) == var.database.password_version, false)
    error_message = "database.password_version: write a whole number from 1, and only ever raise it."
  }

  validation {
    condition     = var.environment != "prod" || var.database == null || try(var.database.multi_az && var.database.deletion_protection && coalesce(var.database.final_snapshot, true), false)
    error_message = "database: prod needs multi_az, deletion_protection and final_snapshot; write true for all three."
  }
}

locals {
  # What user data and the database give; a setting of that name would be lost or would break the boot.
  reserved_settings = ["APPLICATION", "AWS_REGION", "DATABASE_URL", "ENVIRONMENT", "IMAGE", "INSTANCE_ID", "PORT"]
}

variable "settings" {
  type        = map(string)
  description = "Environment variables of the container that are no secrets, with their first values. Later changes belong to Parameter Store: no apply reverts them."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[A-Z_][A-Z0-9_]*$", name))])
    error_message = "settings: write names as environment variables, such as LOG_LEVEL."
  }

  validation {
    condition     = alltrue([for value in values(var.settings) : value != "" && !strcontains(value, "\n") && length(value) <= 4096])
    error_message = "settings: values are one line of 1 to 4096 characters; Parameter Store refuses empty ones and docker's env-file multi-line ones."
  }

  validation {
    condition     = !anytrue([for value in values(var.settings) : can(regex("\\{\\{.*\\}\\}", value))])
    error_message = "settings: Parameter Store refuses values with {{…}} in them, which would name another parameter; write these another way."
  }

  validation {
    condition     = length(setintersection(keys(var.settings), local.reserved_settings)) == 0
    error_message = "settings: these names are given by the service itself: ${join(", ", local.reserved_settings)}. Choose another."
  }
}

variable "secrets" {
  type        = set(string)
  description = "Names of environment variables that are secret. Each gets a SecureString with a placeholder; write the value with `aws ssm put-parameter --overwrite`. An instance that finds a placeholder says so and does not start."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for name in var.secrets : can(regex("^[A-Z_][A-Z0-9_]*$", name))])
    error_message = "secrets: write names as environment variables, such as STRIPE_KEY; the values go to Parameter Store, never here."
  }

  validation {
    condition     = length(setintersection(var.secrets, concat(keys(var.settings), local.reserved_settings))) == 0
    error_message = "secrets: a name is also in settings, or is given by the service itself (${join(", ", local.reserved_settings)}). Choose another."
  }
}

variable "observability" {
  type = object({
    log_days             = optional(number, 14)
    detailed_monitoring  = optional(bool, false)
    error_rate_percent   = optional(number, 5)
    latency_p95_seconds  = optional(number, 1)
    minutes_before_alarm = optional(number, 2)
    notification_email   = optional(string)
    alarm_actions        = optional(list(string), [])
    dashboard            = optional(bool, false)
    cpu_alarm_percent    = optional(number, 90)
    people_alarms        = optional(bool, false)
    database_storage_gb  = optional(number, 4)
    database_connections = optional(number, 70)
  })
  description = "Logs, alarms and who hears of them. The first three alarms guard rollouts; `people_alarms` adds those that wake someone, who is reached by `notification_email` or `alarm_actions`."
  default     = {}
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.observability.log_days)
    error_message = "observability.log_days: CloudWatch keeps 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 … days; write one of these."
  }

  validation {
    condition     = var.observability.error_rate_percent > 0 && var.observability.error_rate_percent <= 100 && var.observability.latency_p95_seconds > 0
    error_message = "observability: error_rate_percent is above 0 up to 100, latency_p95_seconds above 0."
  }

  validation {
    condition     = var.observability.cpu_alarm_percent > 0 && var.observability.cpu_alarm_percent <= 100 && var.observability.database_storage_gb > 0 && var.observability.database_connections > 0
    error_message = "observability: cpu_alarm_percent is above 0 up to 100; database_storage_gb (free space) and database_connections are above 0."
  }

  validation {
    condition     = var.observability.minutes_before_alarm >= 1 && var.observability.minutes_before_alarm <= 10
    error_message = "observability.minutes_before_alarm: write 1 to 10."
  }

  validation {
    condition     = alltrue([for arn in var.observability.alarm_actions : can(regex("^arn:aws[a-z-]*:", arn))])
    error_message = "observability.alarm_actions: write ARNs, such as arn:aws:sns:eu-north-1:123456789012:on-call."
  }

  validation {
    # A response plan of Incident Manager is in no region.
    condition     = alltrue([for arn in var.observability.alarm_actions : contains(["", var.region], try(split(":", arn)[3], ""))])
    error_message = "observability.alarm_actions: CloudWatch in ${var.region} calls what is in ${var.region} alone; write ARNs of that region: a topic there can pass on what it is told."
  }

  validation {
    condition     = length(var.observability.alarm_actions) + (var.observability.notification_email == null ? 0 : 1) <= 5
    error_message = "observability.alarm_actions: an alarm has 5 actions at most, of which notification_email is one."
  }

  validation {
    condition     = var.observability.notification_email == null || can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", var.observability.notification_email))
    error_message = "observability.notification_email: write an address such as team@example.com."
  }
}

variable "encryption" {
  type = object({
    kms_key_arn = optional(string)
    of          = optional(set(string), ["database", "logs", "parameters", "topic", "volumes"])
  })
  description = "A KMS key of your own instead of AWS's, and of what: database (its storage and performance insights), logs, parameters (secrets and the database's, when they are made), topic (of notification_email), volumes (of the instances)."
  default     = {}
  nullable    = false

  validation {
    condition     = var.encryption.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:${var.region}:[0-9]{12}:key/[0-9a-zA-Z-]+$", var.encryption.kms_key_arn))
    error_message = "encryption.kms_key_arn: write the ARN of a key in ${var.region}, arn:aws:kms:${var.region}:123456789012:key/…; an alias can move, and what it left stays encrypted with another key."
  }

  validation {
    condition     = length(setsubtract(var.encryption.of, ["database", "logs", "parameters", "topic", "volumes"])) == 0
    error_message = "encryption.of: write one or more of database, logs, parameters, topic and volumes. The bucket of the access log is none of them: a load balancer writes only into one that S3 encrypts with its own key (SSE-S3)."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "Permissions boundary of the instance role; the deploy roles of bootstrap/ may make no role without the one that bootstrap/ gives."
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn: write the ARN of a policy, arn:aws:iam::123456789012:policy/…, as bootstrap/ gives it."
  }
}

variable "name_suffix" {
  type        = string
  description = "Ends the names that an account has only once for all of its regions (the instance role and its profile, the dashboard): for the second region of an application and environment, such as `-euw1`."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(-[a-z0-9]{1,10})?$", var.name_suffix))
    error_message = "name_suffix is \"${var.name_suffix}\"; write a hyphen and 1 to 10 lower-case letters and digits, such as \"-euw1\", or leave it out."
  }
}
