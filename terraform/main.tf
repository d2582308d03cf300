# What the action deploys: the service, with a backend and a provider around it. All that is made is in the module.

locals {
  # What the run says of it, and else what its environment has for one; null says nothing.
  database = var.database == null ? null : merge(
    var.database_defaults, { for name, value in var.database : name => value if value != null }
  )
}

module "service" {
  source = "./modules/service"

  application = var.application
  environment = var.environment
  region      = var.region
  image       = var.image

  network                  = var.network
  capacity                 = var.capacity
  service                  = var.service
  load_balancer            = var.load_balancer
  rollout                  = var.rollout
  database                 = local.database
  settings                 = var.settings
  secrets                  = var.secrets
  observability            = var.observability
  encryption               = var.encryption
  permissions_boundary_arn = var.permissions_boundary_arn
  name_suffix              = var.name_suffix
}
