# Load balancer, target group, listeners and certificate: all that clients reach.

locals {
  https_enabled   = var.load_balancer.https != null
  domain_name     = try(var.load_balancer.https.domain_name, null)
  own_certificate = local.https_enabled && try(var.load_balancer.https.certificate_arn, null) == null
  certificate_arn = local.own_certificate ? aws_acm_certificate_validation.main[0].certificate_arn : try(var.load_balancer.https.certificate_arn, null)

  shared        = var.load_balancer.shared
  load_balancer = local.shared == null ? one(aws_lb.main[*]) : one(data.aws_lb.shared[*])
  serves_https  = local.shared == null ? local.https_enabled : one(data.aws_lb_listener.shared[*].protocol) == "HTTPS"

  # What a rule of the service matches: one list of patterns, or none.
  matched_hosts = local.shared == null ? [] : length(local.shared.hosts) == 0 ? [] : [local.shared.hosts]
  matched_paths = local.shared == null ? [["/*"]] : length(local.shared.paths) == 0 ? [] : [local.shared.paths]

  load_balancer_security_group_id = local.shared == null ? one(aws_security_group.load_balancer[*].id) : sort(data.aws_lb.shared[0].security_groups)[0]

  load_balancer_subnet_ids = var.load_balancer.internal ? local.private_subnet_ids : local.public_subnet_ids

  # A prefix list narrows who gets in; with the whole internet beside it, it would narrow nothing.
  ingress_cidr_blocks = var.load_balancer.ingress_cidr_blocks != null ? var.load_balancer.ingress_cidr_blocks : length(var.load_balancer.ingress_prefix_list_ids) == 0 ? ["0.0.0.0/0"] : []

  # Whether the service has a name of its own, or is asked for by the load balancer's.
  host = try(coalesce(local.domain_name, try(local.shared.domain_name, null), try([for host in local.shared.hosts : host if !can(regex("[*?]", host))][0], null)), null)
  port = local.shared == null ? "" : contains([80, 443], one(data.aws_lb_listener.shared[*].port)) ? "" : ":${one(data.aws_lb_listener.shared[*].port)}"
  url  = "${local.serves_https ? "https" : "http"}://${coalesce(local.host, local.load_balancer.dns_name)}${local.port}"
}

# Somebody else's load balancer, of which the service has a rule.

data "aws_lb_listener" "shared" {
  count = local.shared == null ? 0 : 1
  arn   = local.shared.listener_arn
}

data "aws_lb" "shared" {
  count = local.shared == null ? 0 : 1
  arn   = data.aws_lb_listener.shared[0].load_balancer_arn
}

resource "aws_lb_listener_rule" "shared" {
  count        = local.shared == null ? 0 : 1
  listener_arn = local.shared.listener_arn
  priority     = local.shared.priority

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service["blue"].arn
  }

  dynamic "condition" {
    for_each = local.matched_hosts
    content {
      host_header {
        values = condition.value
      }
    }
  }

  dynamic "condition" {
    for_each = local.matched_paths
    content {
      path_pattern {
        values = condition.value
      }
    }
  }

  tags = { Name = local.name }

  lifecycle {
    precondition {
      condition     = local.own_network ? false : data.aws_lb.shared[0].vpc_id == local.vpc_id
      error_message = "load_balancer.shared: that load balancer is in ${data.aws_lb.shared[0].vpc_id}, and it reaches instances of its own VPC alone; name that one as network.existing."
    }

    precondition {
      condition     = var.environment != "prod" || local.serves_https
      error_message = "load_balancer.shared.listener_arn: prod does not serve plain HTTP; write the ARN of the listener that speaks HTTPS."
    }

    precondition {
      condition     = !local.serves_https || local.host != null
      error_message = "load_balancer.shared.domain_name: the listener speaks HTTPS, and no certificate has the load balancer's own name; write one that it has."
    }
  }
}

# A load balancer of our own.

resource "aws_security_group" "load_balancer" {
  count       = local.shared == null ? 1 : 0
  name        = "${local.name}-load-balancer"
  description = "Load balancer of ${local.name}"
  vpc_id      = local.vpc_id

  tags = { Name = "${local.name}-load-balancer" }
}

resource "aws_vpc_security_group_ingress_rule" "http" {
  #checkov:skip=CKV_AWS_260:port 80 is the public door; with https it only redirects
  for_each          = toset(local.shared == null ? local.ingress_cidr_blocks : [])
  security_group_id = aws_security_group.load_balancer[0].id
  description       = "HTTP"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  for_each          = toset(local.https_enabled ? local.ingress_cidr_blocks : [])
  security_group_id = aws_security_group.load_balancer[0].id
  description       = "HTTPS"
  cidr_ipv4         = each.key
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# One port alone: a list counts as many rules as it has room for (CloudFront's as 55), and a group holds 60.
resource "aws_vpc_security_group_ingress_rule" "prefix_list" {
  for_each          = toset(var.load_balancer.ingress_prefix_list_ids)
  security_group_id = aws_security_group.load_balancer[0].id
  description       = local.https_enabled ? "HTTPS" : "HTTP"
  prefix_list_id    = each.key
  ip_protocol       = "tcp"
  from_port         = local.https_enabled ? 443 : 80
  to_port           = local.https_enabled ? 443 : 80
}

resource "aws_vpc_security_group_egress_rule" "load_balancer_to_service" {
  count                        = local.shared == null ? 1 : 0
  security_group_id            = aws_security_group.load_balancer[0].id
  referenced_security_group_id = aws_security_group.service.id
  description                  = "The containers, and nothing else"
  ip_protocol                  = "tcp"
  from_port                    = local.instance_port
  to_port                      = local.instance_port
}

resource "aws_lb" "main" {
  #checkov:skip=CKV_AWS_91:access logs are load_balancer.access_log_days; dev goes without
  #checkov:skip=CKV_AWS_150:deletion protection is load_balancer.deletion_protection; a test asserts that prod has it
  #checkov:skip=CKV2_AWS_20:redirects to HTTPS whenever load_balancer.https is given, which prod must
  #checkov:skip=CKV2_AWS_28:a web ACL is load_balancer.web_acl_arn: the company's choice, and $5 a month before the first rule
  #checkov:skip=CKV2_AWS_76:the rules of load_balancer.web_acl_arn are made where that ACL is
  count              = local.shared == null ? 1 : 0
  name               = local.name
  load_balancer_type = "application"
  internal           = var.load_balancer.internal
  subnets            = local.load_balancer_subnet_ids
  security_groups    = concat([aws_security_group.load_balancer[0].id], var.load_balancer.security_group_ids)

  # Headers that HTTP does not allow are taken out, requests that two servers could read differently are refused, and
  # the client's address is appended to X-Forwarded-For: its last entry is the one to believe.
  drop_invalid_header_fields = true
  xff_header_processing_mode = "append"
  desync_mitigation_mode     = "defensive"
  enable_deletion_protection = var.load_balancer.deletion_protection

  dynamic "access_logs" {
    for_each = aws_s3_bucket.access_logs
    content {
      bucket  = access_logs.value.id
      enabled = true
    }
  }

  tags = { Name = local.name }

  # Without a way out of the VPC it is refused; the policy must exist before the first log is written.
  depends_on = [aws_internet_gateway.main, aws_s3_bucket_policy.access_logs]

  lifecycle {
    precondition {
      condition     = local.own_network || length(distinct([for id, zone in local.existing_zones : zone if contains(local.load_balancer_subnet_ids, id)])) >= 2
      error_message = "network.existing.${var.load_balancer.internal ? "private" : "public"}_subnet_ids: a load balancer needs subnets in two availability zones; write ids of two or more."
    }

    precondition {
      condition     = length(local.zones_without_load_balancer) == 0
      error_message = "network.existing: private subnets are in ${join(", ", local.zones_without_load_balancer)}, where no public subnet is: the load balancer sends no request to instances there; write a public subnet of each zone that has a private one."
    }
  }
}

resource "aws_wafv2_web_acl_association" "main" {
  count        = var.load_balancer.web_acl_arn == null ? 0 : 1
  resource_arn = aws_lb.main[0].arn
  web_acl_arn  = var.load_balancer.web_acl_arn
}

resource "aws_lb_target_group" "service" {
  #checkov:skip=CKV_AWS_378:TLS ends at the load balancer; the hop to the container stays inside the VPC
  for_each    = local.groups
  name        = local.target_group_names[each.key]
  vpc_id      = local.vpc_id
  target_type = "instance"
  protocol    = "HTTP"
  port        = local.instance_port

  # A removed target gets no new requests and this long to finish the old ones. It is added to every rollout in
  # which drains follow one another, so it is the longest request that matters and not AWS's 300 s.
  deregistration_delay = var.load_balancer.deregistration_delay_seconds

  # A new target needs one good check and a failed one healthy_threshold: both small, so that neither waits long. A
  # target that was unhealthy is replaced by the group: the interval times unhealthy_threshold is what a failover of the
  # database, or a pause of any kind, may take without costing the fleet.
  health_check {
    path                = var.load_balancer.health_check_path
    matcher             = "200-299"
    interval            = var.load_balancer.health_check_interval_seconds
    timeout             = min(5, var.load_balancer.health_check_interval_seconds - 1)
    healthy_threshold   = var.load_balancer.healthy_threshold
    unhealthy_threshold = var.load_balancer.unhealthy_threshold
  }

  tags = { Name = each.value }
}

resource "aws_lb_listener" "http" {
  #checkov:skip=CKV_AWS_2:serves only where load_balancer.https is null, which prod refuses
  #checkov:skip=CKV_AWS_103:the HTTPS listener has the TLS policy
  count             = local.shared == null ? 1 : 0
  load_balancer_arn = aws_lb.main[0].arn
  protocol          = "HTTP"
  port              = 80

  routing_http_response_server_enabled = false # what the load balancer is, is nobody's business

  default_action {
    type             = local.https_enabled ? "redirect" : "forward"
    target_group_arn = local.https_enabled ? null : aws_lb_target_group.service["blue"].arn

    dynamic "redirect" {
      for_each = local.https_enabled ? [1] : []
      content {
        protocol    = "HTTPS"
        port        = "443"
        status_code = "HTTP_301"
      }
    }
  }
}

resource "aws_lb_listener" "https" {
  count             = local.https_enabled ? 1 : 0
  load_balancer_arn = aws_lb.main[0].arn
  protocol          = "HTTPS"
  port              = 443
  certificate_arn   = local.certificate_arn
  # TLS 1.3, and 1.2 with forward secrecy for older clients.
  ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

  routing_http_response_server_enabled                         = false
  routing_http_response_x_content_type_options_header_value    = "nosniff"
  routing_http_response_strict_transport_security_header_value = var.load_balancer.https.hsts_days == 0 ? null : "max-age=${var.load_balancer.https.hsts_days * 86400}"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.service["blue"].arn
  }
}

# A certificate of our own, where a Route 53 zone is given.

resource "aws_acm_certificate" "main" {
  count             = local.own_certificate ? 1 : 0
  domain_name       = local.domain_name
  validation_method = "DNS"

  tags = { Name = local.domain_name }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "certificate" {
  # One domain, so one record; its name is known only after the certificate is asked for.
  count           = local.own_certificate ? 1 : 0
  zone_id         = var.load_balancer.https.zone_id
  name            = one(aws_acm_certificate.main[0].domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.main[0].domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.main[0].domain_validation_options).resource_record_value]
  ttl             = 60
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "main" {
  count                   = local.own_certificate ? 1 : 0
  certificate_arn         = aws_acm_certificate.main[0].arn
  validation_record_fqdns = [aws_route53_record.certificate[0].fqdn]
}

resource "aws_route53_record" "service" {
  count   = local.https_enabled && local.domain_name != null && try(var.load_balancer.https.zone_id, null) != null ? 1 : 0
  zone_id = var.load_balancer.https.zone_id
  name    = local.domain_name
  type    = "A"

  alias {
    name                   = aws_lb.main[0].dns_name
    zone_id                = aws_lb.main[0].zone_id
    evaluate_target_health = true
  }
}

# Access logs.

resource "aws_s3_bucket" "access_logs" {
  #checkov:skip=CKV_AWS_18:the log of the log bucket would log itself
  #checkov:skip=CKV_AWS_21:log objects are written once; versions would only double the bill
  #checkov:skip=CKV_AWS_144:logs need no second region
  #checkov:skip=CKV_AWS_145:the load balancer writes only with the bucket's own key (SSE-S3)
  #checkov:skip=CKV2_AWS_62:nobody listens to events of a log bucket
  count         = var.load_balancer.access_log_days == null ? 0 : 1
  bucket        = "${local.name}-logs-${local.account_id}-${var.region}"
  force_destroy = var.environment != "prod"

  lifecycle {
    precondition {
      condition     = length("${local.name}-logs-${local.account_id}-${var.region}") <= 63
      error_message = "The bucket of the access logs would be called ${local.name}-logs-${local.account_id}-${var.region}, and S3 takes 63 characters: choose a shorter name for the environment, or leave load_balancer.access_log_days out."
    }
  }
}

resource "aws_s3_bucket_public_access_block" "access_logs" {
  count                   = length(aws_s3_bucket.access_logs)
  bucket                  = aws_s3_bucket.access_logs[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs" {
  count  = length(aws_s3_bucket.access_logs)
  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "access_logs" {
  count  = length(aws_s3_bucket.access_logs)
  bucket = aws_s3_bucket.access_logs[0].id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.load_balancer.access_log_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

data "aws_iam_policy_document" "access_logs" {
  count = length(aws_s3_bucket.access_logs)

  statement {
    sid       = "LoadBalancerWrites"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.access_logs[0].arn}/AWSLogs/${local.account_id}/*"]

    principals {
      type        = "Service"
      identifiers = ["logdelivery.elasticloadbalancing.amazonaws.com"]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.access_logs[0].arn, "${aws_s3_bucket.access_logs[0].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "access_logs" {
  count  = length(aws_s3_bucket.access_logs)
  bucket = aws_s3_bucket.access_logs[0].id
  policy = data.aws_iam_policy_document.access_logs[0].json

  depends_on = [aws_s3_bucket_public_access_block.access_logs]
}
