# What an account has once, for all of its applications: the trust with GitHub. Roles are each application's own, in the
# folder above, which then is given create_oidc_provider = false.

data "aws_partition" "current" {}

locals {
  issuer = "token.actions.githubusercontent.com"
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

# One that is there already, made by hand or by an application's bootstrap, is taken over as it is.
data "aws_caller_identity" "current" {}

import {
  for_each = var.adopt ? toset(["github"]) : toset([])
  to       = aws_iam_openid_connect_provider.github
  id       = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/${local.issuer}"
}
