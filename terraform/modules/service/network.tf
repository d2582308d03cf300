# A network of its own (or an existing one): public subnets for the load balancer, private ones for all else.

data "aws_availability_zones" "available" {
  #checkov:skip=CKV_AWS_394:the first ones of the sorted names are taken, so a new zone changes nothing that is there
  count = local.own_network ? 1 : 0
  state = "available"

  # Local and wavelength zones have no load balancers.
  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_subnet" "existing" {
  for_each = toset(local.own_network ? [] : concat(var.network.existing.public_subnet_ids, var.network.existing.private_subnet_ids))
  id       = each.key

  lifecycle {
    postcondition {
      condition     = self.vpc_id == var.network.existing.vpc_id
      error_message = "network.existing: ${each.key} is in ${self.vpc_id} and not in ${var.network.existing.vpc_id}; write ids of one VPC."
    }
  }
}

locals {
  own_network = var.network.existing == null

  zone_names = local.own_network ? slice(data.aws_availability_zones.available[0].names, 0, min(var.network.availability_zones, length(data.aws_availability_zones.available[0].names))) : []
  zones      = { for index, name in local.zone_names : name => index }

  nat_zones = {
    none   = []
    single = slice(local.zone_names, 0, min(1, length(local.zone_names)))
    per_az = local.zone_names
  }[var.network.nat]

  # A load balancer reaches targets in its own zones alone.
  existing_zones = { for id, subnet in data.aws_subnet.existing : id => subnet.availability_zone }
  zones_without_load_balancer = local.own_network ? [] : sort(setsubtract(
    [for id in var.network.existing.private_subnet_ids : local.existing_zones[id]],
    [for id in local.load_balancer_subnet_ids : local.existing_zones[id]],
  ))

  vpc_id             = local.own_network ? aws_vpc.main[0].id : var.network.existing.vpc_id
  public_subnet_ids  = local.own_network ? [for zone in local.zone_names : aws_subnet.public[zone].id] : var.network.existing.public_subnet_ids
  private_subnet_ids = local.own_network ? [for zone in local.zone_names : aws_subnet.private[zone].id] : var.network.existing.private_subnet_ids

  # Without a NAT gateway or endpoints a private instance reaches neither the registry nor Parameter Store.
  instances_are_public = local.own_network && var.network.nat == "none" && !var.network.interface_endpoints
  instance_subnet_ids  = local.instances_are_public ? local.public_subnet_ids : local.private_subnet_ids
}

resource "aws_vpc" "main" {
  #checkov:skip=CKV2_AWS_11:flow logs cost more than this network; turn them on for the account where they are wanted
  #checkov:skip=CKV2_AWS_12:emptying the default security group needs rights over every untagged one; nothing is put into it
  count                = local.own_network ? 1 : 0
  cidr_block           = var.network.cidr_block
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = { Name = local.name }

  lifecycle {
    precondition {
      condition     = length(data.aws_availability_zones.available[0].names) >= var.network.availability_zones
      error_message = "network.availability_zones is ${var.network.availability_zones}, but ${var.region} offers ${length(data.aws_availability_zones.available[0].names)}; write a smaller number."
    }
  }
}

# The security group that AWS makes with a VPC was emptied here once. A role that may do that to one that carries no tags
# yet may do it to every such group of the account, so the group is left as it comes: nothing here is put into it.
removed {
  from = aws_default_security_group.unused

  lifecycle {
    destroy = false
  }
}

resource "aws_internet_gateway" "main" {
  count  = local.own_network ? 1 : 0
  vpc_id = aws_vpc.main[0].id

  tags = { Name = local.name }
}

resource "aws_subnet" "public" {
  for_each          = local.zones
  vpc_id            = aws_vpc.main[0].id
  availability_zone = each.key
  cidr_block        = cidrsubnet(var.network.cidr_block, 4, each.value)

  tags = { Name = "${local.name}-public-${each.key}" }
}

resource "aws_subnet" "private" {
  for_each          = local.zones
  vpc_id            = aws_vpc.main[0].id
  availability_zone = each.key
  # The upper half of the block, so that a zone can be added without renumbering.
  cidr_block = cidrsubnet(var.network.cidr_block, 4, 8 + each.value)

  tags = { Name = "${local.name}-private-${each.key}" }
}

resource "aws_route_table" "public" {
  count  = local.own_network ? 1 : 0
  vpc_id = aws_vpc.main[0].id

  tags = { Name = "${local.name}-public" }
}

resource "aws_route" "public_internet" {
  count                  = local.own_network ? 1 : 0
  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.main[0].id
}

resource "aws_route_table_association" "public" {
  for_each       = local.zones
  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_route_table" "private" {
  for_each = local.zones
  vpc_id   = aws_vpc.main[0].id

  tags = { Name = "${local.name}-private-${each.key}" }
}

resource "aws_route_table_association" "private" {
  for_each       = local.zones
  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_eip" "nat" {
  for_each = toset(local.nat_zones)
  domain   = "vpc"

  tags = { Name = "${local.name}-nat-${each.key}" }

  depends_on = [aws_internet_gateway.main]
}

resource "aws_nat_gateway" "main" {
  for_each      = toset(local.nat_zones)
  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.public[each.key].id

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_route" "private_internet" {
  for_each               = var.network.nat == "none" ? {} : local.zones
  route_table_id         = aws_route_table.private[each.key].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.main[var.network.nat == "per_az" ? each.key : local.nat_zones[0]].id
}

# Free, and image layers are in S3: without it every pull pays the NAT gateway by the gigabyte.
resource "aws_vpc_endpoint" "s3" {
  count             = local.own_network ? 1 : 0
  vpc_id            = aws_vpc.main[0].id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = concat([aws_route_table.public[0].id], [for zone in local.zone_names : aws_route_table.private[zone].id])

  tags = { Name = "${local.name}-s3" }
}

# What user data calls, for a network without NAT. About $8 a month and zone each: isolation, not savings.
resource "aws_vpc_endpoint" "interface" {
  for_each            = toset(local.own_network && var.network.interface_endpoints ? ["autoscaling", "ecr.api", "ecr.dkr", "logs", "ssm", "ssmmessages"] : [])
  vpc_id              = aws_vpc.main[0].id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = local.private_subnet_ids
  security_group_ids  = [aws_security_group.endpoints[0].id]

  tags = { Name = "${local.name}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  count       = local.own_network && var.network.interface_endpoints ? 1 : 0
  name        = "${local.name}-endpoints"
  description = "AWS endpoints of ${local.name}"
  vpc_id      = local.vpc_id

  tags = { Name = "${local.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_instances" {
  count                        = length(aws_security_group.endpoints)
  security_group_id            = aws_security_group.endpoints[0].id
  referenced_security_group_id = aws_security_group.service.id
  description                  = "AWS APIs, from the instances"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
