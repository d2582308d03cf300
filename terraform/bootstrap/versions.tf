terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # One version, raised by a release of the action: prod runs the provider that dev and the tests ran.
      version = "5.100.0"
    }
  }

  backend "s3" {}
}

provider "aws" {
  region = var.region

  default_tags {
    tags = merge(var.tags, {
      Application = var.application
      ManagedBy   = "terraform"
    })
  }
}
