terraform {
  # That of modules/service: write-only arguments keep the database password out of the state.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # One version, raised by a release of the action: prod runs the provider that dev and the tests ran.
      version = "5.100.0"
    }
  }

  # Bucket, key, region and lock come from -backend-config; the action gives them, and README.md shows how to do it by hand.
  backend "s3" {}
}

provider "aws" {
  region = var.region

  # Says which way a blue/green rollout goes, while one is under way.
  ignore_tags {
    keys = ["asg-deploy:rollout-to"]
  }

  default_tags {
    tags = merge(var.tags, {
      Application = var.application
      Environment = var.environment
      ManagedBy   = "terraform"
    })
  }
}
