# The service of the bundled root in a root of your own, with a queue beside it that is yours. Copy this folder, name it
# as the action's terraform-directory, and write where the module comes from:
#
#   source = "git::https://github.com/org/asg-deploy.git//terraform/modules/service?ref=v1"

module "service" {
  source = "../../modules/service"

  application = var.application
  environment = var.environment
  region      = var.region
  image       = var.image

  capacity = { min = var.instances }
  network  = { nat = var.environment == "prod" ? "per_az" : "none" }
  settings = { QUEUE_URL = aws_sqs_queue.orders.url }

  service = {
    instance_type  = "t3.small"
    container_port = 8080
    permissions    = { policies = { orders = data.aws_iam_policy_document.orders.json } }
  }
}

# What the application may do with it: its SDK finds the credentials by itself.
data "aws_iam_policy_document" "orders" {
  statement {
    actions   = ["sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"]
    resources = [aws_sqs_queue.orders.arn]
  }
}

resource "aws_sqs_queue" "orders" {
  name                    = "${var.application}-${var.environment}-orders"
  sqs_managed_sse_enabled = true
}
