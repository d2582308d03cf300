terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }

  # Empty: the action gives bucket, key, region and lock.
  backend "s3" {}
}

# The module tags nothing by itself: what the provider is given here is on everything, instances too.
provider "aws" {
  region = var.region

  # Says which way a blue/green rollout goes, while one is under way.
  ignore_tags {
    keys = ["asg-deploy:rollout-to"]
  }

  default_tags {
    tags = {
      Application = var.application
      Environment = var.environment
      ManagedBy   = "terraform"
      Team        = "payments"
    }
  }
}
