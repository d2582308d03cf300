/** Terraform roots that need no provider, written where the test says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from './folders.ts';

export const contractRoot = `
variable "application" { type = string }
variable "environment" { type = string }
variable "region" { type = string }
variable "image" { type = string }
variable "size" {
  type    = number
  default = 1
}
resource "terraform_data" "service" {
  input = [var.application, var.environment, var.region, var.image, var.size]
}
output "autoscaling_group_name" { value = "\${var.application}-\${var.environment}" }
output "launch_template_id" { value = "lt-0123456789abcdef0" }
output "launch_template_version" { value = 1 }
output "target_group_arns" { value = ["arn:aws:elasticloadbalancing:eu-north-1:123456789012:targetgroup/shop/0123"] }
output "url" { value = "http://127.0.0.1" }
output "repository_url" { value = split("@", var.image)[0] }
output "alarm_names" { value = [] }
output "running" { value = var.image }
output "size" { value = var.size }
output "password" {
  value     = { admin = ["do-not-show"] }
  sensitive = true
}
`;

/** A folder with the files; names may have folders in them. */
export function writeRoot(files: Record<string, string>): string {
  const folder = temporaryFolder('root');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}
