# What the action gives.

variable "application" {
  type        = string
  description = "Name of the application."
}

variable "environment" {
  type        = string
  description = "The action's input of that name: dev, staging, prod or another."
}

variable "region" {
  type        = string
  description = "AWS region."
}

variable "image" {
  type        = string
  description = "Image to run, as repository@sha256:digest."
}

# What an environment decides, from environments/<environment>.tfvars: the few things that differ.

variable "instances" {
  type        = number
  description = "How many there are at least."
  default     = 2
}
