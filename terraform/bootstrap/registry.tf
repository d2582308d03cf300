# One registry for all environments: an image is built once and promoted by its digest.

resource "aws_ecr_repository" "main" {
  #checkov:skip=CKV_AWS_136:the registry's own key encrypts as well; a key of one's own is $1 a month
  #checkov:skip=CKV_AWS_51:made mutable and at once narrowed by the action, see below
  name                 = var.application
  image_tag_mutability = "MUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  # A repository with images in it is not deleted: ECR refuses without force_delete.
  lifecycle {
    # Commit tags must never move and `latest` must. ECR has that rule (IMMUTABLE_WITH_EXCLUSION), provider 5.100 has
    # not, so the action sets it through ECR's API once the repository is there. Provider 6 reads that rule back as an
    # argument that this file can't name without refusing provider 5: hence all, and not just image_tag_mutability.
    # It costs little: name and encryption can't change in place anyway.
    ignore_changes = all
  }
}

# Untagged images only, such as the leftovers of a push that broke. Every image that the action deploys has the tag of
# its commit, and no rule here touches tagged images, so none of them can expire a running image or a rollback's.
resource "aws_ecr_lifecycle_policy" "main" {
  repository = aws_ecr_repository.main.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Remove images that lost or never had a tag"
      selection = {
        tagStatus   = "untagged"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = var.untagged_image_days
      }
      action = { type = "expire" }
    }]
  })
}

# Accounts to which images are promoted look at them and pull them: their roles whose names begin with the
# application's, and nobody else there.
data "aws_iam_policy_document" "pull" {
  count = length(var.pull_accounts) > 0 ? 1 : 0

  statement {
    sid = "PromotedFromHere"
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeRepositories",
      "ecr:GetDownloadUrlForLayer", "ecr:GetLifecyclePolicy",
    ]

    principals {
      type        = "AWS"
      identifiers = [for id in var.pull_accounts : "arn:${local.partition}:iam::${id}:root"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = [for id in var.pull_accounts : "arn:${local.partition}:iam::${id}:role/${var.application}-*"]
    }
  }
}

resource "aws_ecr_repository_policy" "pull" {
  count      = length(data.aws_iam_policy_document.pull)
  repository = aws_ecr_repository.main.name
  policy     = data.aws_iam_policy_document.pull[0].json
}
