# Sizes are the rollout's.
resource "aws_autoscaling_group" "main" {
  lifecycle {
    ignore_changes = [launch_template[0].version, min_size, max_size, desired_capacity]
  }
}
