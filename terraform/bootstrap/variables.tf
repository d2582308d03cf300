variable "application" {
  type        = string
  description = "Name of the application; the registry's repository is called after it."
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]([a-z0-9]|-[a-z0-9]){1,19}$", var.application)) && length(var.application) <= 20
    error_message = "application: write 2 to 20 lower-case letters, digits and single hyphens, starting with a letter, such as \"shop\"."
  }

  validation {
    condition     = !can(regex("^((internal|sg)(-|$)|aws|ssm)", var.application))
    error_message = "application: choose a name that does not begin with \"internal\", \"sg-\", \"aws\" or \"ssm\": AWS keeps those for load balancers, security groups and parameters of its own."
  }
}

variable "region" {
  type        = string
  description = "AWS region of the registry."
  default     = "eu-north-1"
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

variable "untagged_image_days" {
  type        = number
  description = "Days after which an image without any tag is removed. Images with a tag stay: the registry does not know what runs."
  default     = 30
  nullable    = false

  validation {
    condition     = var.untagged_image_days >= 1 && var.untagged_image_days <= 365
    error_message = "untagged_image_days: write 1 to 365."
  }
}

variable "github" {
  type = object({
    repository           = string
    owner_id             = optional(string)
    repository_id        = optional(string)
    environments         = optional(set(string), ["dev", "staging", "prod"])
    create_oidc_provider = optional(bool, true)
    state_bucket         = optional(string)
    lock_table           = optional(string, "asg-deploy-locks")
    zones                = optional(map(string), {})
    networks             = optional(map(string), {})
    plan_environments    = optional(set(string), [])
    plan_branches        = optional(set(string), [])
  })
  description = "The GitHub repository (owner/name) whose workflows may deploy, one role per environment; null makes no roles. `owner_id` and `repository_id` are needed for one that was made, renamed or transferred since 15 July 2026: `gh api repos/OWNER/NAME --jq '.owner.id, .id'`. `create_oidc_provider` false uses the one that the account has already. `zones` lets an environment have its certificate made: its name to the id of the Route 53 zone in which its role may then write. `networks` lets an environment use a network that exists already (`network.existing`): its name to the id of the VPC. `plan_environments` get a second role each that only reads, for `command: plan` and `status` in pull requests and, without a GitHub environment, on the branches in `plan_branches`."
  default     = null

  validation {
    condition     = var.github == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.github.repository))
    error_message = "github.repository: write owner/name, such as example-org/shop; the ids have names of their own."
  }

  validation {
    condition     = var.github == null || try(alltrue([for id in [var.github.owner_id, var.github.repository_id] : can(regex("^[1-9][0-9]{0,18}$", id))]), false) || try(var.github.owner_id == null && var.github.repository_id == null, false)
    error_message = "github.owner_id, github.repository_id: write both as numbers, such as owner_id = \"9919\" and repository_id = \"1296269\", or neither; gh api repos/OWNER/NAME --jq '.owner.id, .id' tells them."
  }

  validation {
    condition     = var.github == null || try(length(var.github.environments) > 0 && alltrue([for name in var.github.environments : can(regex("^[a-z][a-z0-9]{1,9}$", name)) && name != "bootstrap"]), false)
    error_message = "github.environments: write names of 2 to 10 lower-case letters and digits that begin with a letter, and not \"bootstrap\", such as [\"dev\", \"qa\", \"prod\"]; they are the names of the repository's GitHub environments."
  }

  validation {
    condition     = var.github == null || try(length(setsubtract(keys(var.github.zones), var.github.environments)) == 0 && alltrue([for id in values(var.github.zones) : can(regex("^[A-Z0-9]{1,32}$", id))]), false)
    error_message = "github.zones: write ids of Route 53 zones by environments of github.environments, such as { prod = \"Z0123456789ABC\" }."
  }

  validation {
    condition     = var.github == null || try(length(setsubtract(keys(var.github.networks), var.github.environments)) == 0 && alltrue([for id in values(var.github.networks) : can(regex("^vpc-[0-9a-f]{8,17}$", id))]), false)
    error_message = "github.networks: write ids of VPCs by environments of github.environments, such as { prod = \"vpc-0123456789abcdef0\" }."
  }

  validation {
    condition     = var.github == null || try(length(setsubtract(var.github.plan_environments, var.github.environments)) == 0 && alltrue([for branch in var.github.plan_branches : can(regex("^[A-Za-z0-9._/-]+$", branch))]), false)
    error_message = "github.plan_environments, github.plan_branches: write environments of github.environments, and names of branches without wildcards, such as { plan_environments = [\"prod\"], plan_branches = [\"main\"] }."
  }
}

variable "name_suffix" {
  type        = string
  description = "Ends the names that one account has only once for all of its regions (IAM roles, policies and profiles, dashboards). For the second region of an application, such as `-euw1`; the action hands it on to the environments."
  default     = ""
  nullable    = false

  validation {
    condition     = can(regex("^(-[a-z0-9]{1,10})?$", var.name_suffix))
    error_message = "name_suffix is \"${var.name_suffix}\"; write a hyphen and 1 to 10 lower-case letters and digits, such as \"-euw1\", or leave it out."
  }
}

variable "pull_accounts" {
  type        = set(string)
  description = "Other AWS accounts whose roles of this application (`<application>-…`) may pull from the registry here: where an image is promoted to."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for id in var.pull_accounts : can(regex("^[0-9]{12}$", id))])
    error_message = "pull_accounts: write account ids of 12 digits, such as [\"210987654321\"]."
  }
}

variable "image_repositories" {
  type        = set(string)
  description = "Other ECR repositories that the environments here run images of, without a tag: of another account, whose bootstrap names this one in `pull_accounts`, or of another region."
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for uri in var.image_repositories : can(regex("^[0-9]{12}\\.dkr\\.ecr(-fips)?\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9][a-z0-9._/-]*$", uri))])
    error_message = "image_repositories: write repositories without tag or digest, such as [\"123456789012.dkr.ecr.eu-north-1.amazonaws.com/shop\"]; bootstrap's output repository_url is one."
  }
}

variable "application_permissions" {
  type = map(object({
    policies    = optional(list(string), [])
    policy_arns = optional(set(string), [])
  }))
  description = "By environment, what its application may do on AWS at most, and the deploy role may therefore give to the instances (`service.permissions`): `policies` as JSON documents, `policy_arns` of managed policies."
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for environment in keys(var.application_permissions) : try(contains(var.github.environments, environment), false)])
    error_message = "application_permissions: write environments of github.environments, such as { prod = { policies = [\"{…}\"] } }."
  }

  validation {
    condition = alltrue(flatten([for given in values(var.application_permissions) : [for document in given.policies : try(alltrue([
      for statement in flatten([jsondecode(document).Statement]) : contains(["Allow", "Deny"], statement.Effect) && length(flatten([statement.Resource])) > 0 &&
      (statement.Effect == "Deny" || alltrue([for action in flatten([statement.Action]) : can(regex("^[a-z0-9-]+:", action)) && !startswith(lower(action), "iam:")]))
    ]), false)]]))
    error_message = "application_permissions.policies: write documents as JSON, each Statement with Effect, Action and Resource, and actions of named services (s3:GetObject): not \"*\", and nothing of iam, with which an application could leave its boundary."
  }

  validation {
    condition     = alltrue(flatten([for given in values(var.application_permissions) : [for arn in given.policy_arns : can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/", arn))]]))
    error_message = "application_permissions.policy_arns: write ARNs of managed policies, such as arn:aws:iam::123456789012:policy/shop-orders."
  }
}

variable "grants" {
  type = map(object({
    kms_key_arns       = optional(set(string), [])
    listener_arns      = optional(set(string), [])
    security_group_ids = optional(set(string), [])
    web_acl_arns       = optional(set(string), [])
  }))
  description = "By environment: what is not its own and its service may use, so that its deploy role may put it there. Nothing unless it is named."
  default     = {}
  nullable    = false

  validation {
    condition     = length(setsubtract(keys(var.grants), try(var.github.environments, []))) == 0
    error_message = "grants: write environments of github.environments, such as { prod = { web_acl_arns = […] } }."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for arn in grant.kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[0-9a-zA-Z-]+$", arn))]]))
    error_message = "grants: kms_key_arns are ARNs of keys, arn:aws:kms:…:key/…, and not of aliases."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for arn in grant.listener_arns : can(regex("^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:listener/app/[^/*]+/[0-9a-f]+/[0-9a-f]+$", arn))]]))
    error_message = "grants: listener_arns are ARNs of listeners of application load balancers, arn:aws:elasticloadbalancing:…:listener/app/…/…/…."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for id in grant.security_group_ids : can(regex("^sg-[0-9a-f]+$", id))]]))
    error_message = "grants: security_group_ids are sg-… ids."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for arn in grant.web_acl_arns : can(regex("^arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/[^/*]+/[^/*]+$", arn))]]))
    error_message = "grants: web_acl_arns are ARNs of regional web ACLs, arn:aws:wafv2:…:regional/webacl/…/…."
  }
}

variable "tags" {
  type        = map(string)
  description = "Tags that every resource gets besides Application and ManagedBy."
  default     = {}
  nullable    = false

  validation {
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html
    condition     = alltrue([for name, value in var.tags : can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{1,128}$", name)) && can(regex("^[\\p{L}\\p{Z}\\p{N}_.:/=+@-]{0,256}$", value))])
    error_message = "tags: AWS takes names of 1 to 128 and values of up to 256 letters, digits, spaces and _.:/=+-@; write \"R and D\" for \"R&D\"."
  }
}
