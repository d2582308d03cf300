"""Starts moto with what it gets wrong put right. Every correction is here, each with its reason.

usage: python fixes.py [--new-account]   (binds 127.0.0.1 on a free port; prints `models FOLDER`, AWS's models as botocore has
them, then `listening PORT`)
Ends when its standard input ends, so that it never outlives the process that started it.
"""

import base64
import functools
import hashlib
import inspect
import json
import os
import re
import sys
import threading
from types import SimpleNamespace

# Terraform attaches AWS-managed policies (AmazonSSMManagedInstanceCore …); moto has them only when asked to.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")

import botocore  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

from moto.moto_server.werkzeug_app import (  # noqa: E402
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)


def _is_met_over_tls(condition):
    """Whether a policy condition can hold for a request over TLS; conditions on anything else may hold."""
    for operator, keys in condition.items():
        for key, value in keys.items():
            values = value if isinstance(value, list) else [value]
            if key.lower() == "aws:securetransport" and operator.startswith("Bool"):
                if "true" not in [str(item).lower() for item in values]:
                    return False
            if key.lower() == "s3:tlsversion" and operator.startswith("NumericLessThan"):
                return False
    return True


def fix_bucket_policy_conditions():
    """moto ignores Condition, so a policy that refuses plain HTTP refuses everything.

    Loopback stands for TLS here: certificates would add nothing to what the local cloud proves.
    """
    from moto.s3.models import FakeBucket

    original = FakeBucket.get_permission

    @functools.wraps(original)
    def get_permission(self, action, resource):
        whole = self.policy
        if whole is None:
            return original(self, action, resource)
        policy = json.loads(whole)
        statements = policy.get("Statement", [])
        if isinstance(statements, dict):
            statements = [statements]
        applicable = [item for item in statements if _is_met_over_tls(item.get("Condition", {}))]

        evaluated = SimpleNamespace(policy=json.dumps({**policy, "Statement": applicable}).encode())
        return original(evaluated, action, resource)

    FakeBucket.get_permission = get_permission


def fix_bucket_names():
    """moto looks at a bucket name's length alone.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    """
    from moto.s3.exceptions import InvalidBucketName
    from moto.s3.models import S3Backend

    original = S3Backend.create_bucket
    prefixes = ("xn--", "sthree-", "amzn-s3-demo-")
    suffixes = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")

    @functools.wraps(original)
    def create_bucket(self, bucket_name, *args, **kwargs):
        allowed = re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket_name)
        address = re.fullmatch(r"\d+\.\d+\.\d+\.\d+", bucket_name)
        if not allowed or address or ".." in bucket_name:
            raise InvalidBucketName()
        if bucket_name.startswith(prefixes) or bucket_name.endswith(suffixes):
            raise InvalidBucketName()
        return original(self, bucket_name, *args, **kwargs)

    S3Backend.create_bucket = create_bucket


def fix_bucket_tags():
    """moto makes a bucket without the tags that the call gives it.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
    """
    import xmltodict
    from moto.s3.models import S3Backend
    from moto.s3.responses import S3Response

    given = threading.local()
    original = S3Response._get_location_constraint

    @functools.wraps(original)
    def _get_location_constraint(self):
        configuration = (xmltodict.parse(self.body) if self.body else {}).get("CreateBucketConfiguration") or {}
        tags = (configuration.get("Tags") or {}).get("Tag") or []
        given.tags = tags if isinstance(tags, list) else [tags]
        return original(self)

    create = S3Backend.create_bucket

    @functools.wraps(create)
    def create_bucket(self, bucket_name, *args, **kwargs):
        bucket = create(self, bucket_name, *args, **kwargs)
        if getattr(given, "tags", []):
            self.put_bucket_tagging(bucket_name, {tag["Key"]: tag["Value"] or "" for tag in given.tags})
        given.tags = []
        return bucket

    S3Response._get_location_constraint = _get_location_constraint
    S3Backend.create_bucket = create_bucket


def fix_default_encryption():
    """AWS encrypts every new bucket with AES256 and says so; moto answers 404 until it is set."""
    from moto.s3.models import S3Backend

    original = S3Backend.get_bucket_encryption
    default = {
        "Rule": {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": "false",
        }
    }

    @functools.wraps(original)
    def get_bucket_encryption(self, bucket_name):
        return original(self, bucket_name) or default

    S3Backend.get_bucket_encryption = get_bucket_encryption


def fix_launch_template_source_version():
    """CreateLaunchTemplateVersion starts from SourceVersion on AWS; moto drops what the source had."""
    from moto.ec2.responses.launch_templates import LaunchTemplates

    original = LaunchTemplates.create_launch_template_version

    @functools.wraps(original)
    def create_launch_template_version(self):
        source = self._get_param("SourceVersion")
        if source:
            name = self._get_param("LaunchTemplateName")
            backend = self.ec2_backend
            template = (
                backend.get_launch_template_by_name(name)
                if name
                else backend.get_launch_template(self._get_param("LaunchTemplateId"))
            )
            base = template.get_version(source).data
            get = self._get_param

            def merged(param, *default):
                value = get(param, *default)
                return {**base, **(value or {})} if param == "LaunchTemplateData" else value

            self._get_param = merged
        return original(self)

    LaunchTemplates.create_launch_template_version = create_launch_template_version


def fix_launch_template_tags():
    """moto writes the template's own tags into its data, where the provider sees a tag_specifications block."""
    from moto.ec2.models.launch_templates import LaunchTemplateVersion

    original = LaunchTemplateVersion.__init__

    @functools.wraps(original)
    def init(self, template, number, data, description):
        specifications = [
            item for item in data.get("TagSpecifications", []) if item.get("ResourceType") != "launch-template"
        ]
        data = {key: value for key, value in data.items() if key != "TagSpecifications"}
        if specifications:
            data["TagSpecifications"] = specifications
        original(self, template, number, data, description)

    LaunchTemplateVersion.__init__ = init


def fix_launch_template_later_tags():
    """moto shows the tags that a template was made with; CreateTags and DeleteTags change nothing of what it shows."""
    from moto.ec2.models.launch_templates import LaunchTemplate

    LaunchTemplate.tags = property(lambda self: self.get_tags(), lambda self, _: None)


def fix_security_group_rule_description():
    """moto reads a rule's description from its address range alone; other rules keep it with their group or prefix list."""
    from moto.ec2.models.security_groups import SecurityGroupRule

    original = SecurityGroupRule.__init__
    signature = inspect.signature(original)

    @functools.wraps(original)
    def init(self, *args, **kwargs):
        self.prefix_list = signature.bind(self, *args, **kwargs).arguments.get("prefix_list_id") or {}
        original(self, *args, **kwargs)

    SecurityGroupRule.__init__ = init
    SecurityGroupRule.description = property(
        lambda self: next(
            (source["Description"] for source in (self.ip_range, self.source_group, self.prefix_list) if "Description" in source),
            None,
        )
    )


# Of PostgreSQL's parameters, those that only a restart changes (pg_settings: context postmaster) and people set.
STATIC_PARAMETERS = {
    "autovacuum_max_workers",
    "huge_pages",
    "max_connections",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "max_replication_slots",
    "max_wal_senders",
    "max_worker_processes",
    "pg_stat_statements.max",
    "rds.logical_replication",
    "shared_buffers",
    "shared_preload_libraries",
    "track_activity_query_size",
    "track_commit_timestamp",
    "wal_buffers",
}


def _is_default(family, name, value):
    """Whether a parameter is set to what its engine has anyway; only those are known that the product sets."""
    version = re.fullmatch(r"postgres(\d+)", family or "")
    return name == "rds.force_ssl" and value == ("1" if version and int(version[1]) >= 15 else "0")


def fix_database_parameters():
    """AWS marks the parameters that a user set; moto does not, and the provider reads back only those marked.

    One that is static can't be set at once, and one that is set to its default is shown as pending-reboot, whatever
    was asked for (hashicorp/terraform-provider-aws#39252).
    """
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import DBParameterGroup

    original = DBParameterGroup.update_parameters

    def accepted(family, parameter):
        name, value = parameter["ParameterName"], parameter.get("ParameterValue")
        if name in STATIC_PARAMETERS and parameter.get("ApplyMethod") == "immediate":
            raise RDSClientError(
                "InvalidParameterCombination", "cannot use immediate apply method for static parameter"
            )
        method = {"ApplyMethod": "pending-reboot"} if _is_default(family, name, value) else {}
        return {**parameter, **method, "Source": "user"}

    @functools.wraps(original)
    def update_parameters(self, new_parameters):
        original(self, [accepted(self.family, parameter) for parameter in new_parameters])

    DBParameterGroup.update_parameters = update_parameters


def fix_database_forgotten_settings():
    """moto drops these settings of a database, so every plan would want to set them again."""
    from moto.rds.models import RDSBackend

    # What the request calls a setting: what the answer calls it.
    kept = {
        "engine_lifecycle_support": "engine_lifecycle_support",
        "enable_performance_insights": "performance_insights_enabled",
        "performance_insights_kms_key_id": "performance_insights_kms_key_id",
        "performance_insights_retention_period": "performance_insights_retention_period",
    }

    def keep(database, settings):
        for asked, answered in kept.items():
            if settings.get(asked) is not None:
                setattr(database, answered, settings[asked])
        return database

    create, modify = RDSBackend.create_db_instance, RDSBackend.modify_db_instance

    @functools.wraps(create)
    def create_db_instance(self, db_kwargs):
        return keep(create(self, db_kwargs), db_kwargs)

    @functools.wraps(modify)
    def modify_db_instance(self, db_instance_identifier, db_kwargs):
        return keep(modify(self, db_instance_identifier, db_kwargs), db_kwargs)

    RDSBackend.create_db_instance = create_db_instance
    RDSBackend.modify_db_instance = modify_db_instance


def fix_database_resource_id():
    """Every database of moto has the same resource id, and the provider finds databases by it."""
    from moto.rds.models import DBInstance

    original = DBInstance.__init__

    @functools.wraps(original)
    def init(self, *args, **kwargs):
        original(self, *args, **kwargs)
        unique = hashlib.sha256(self.db_instance_arn.encode()).digest()
        self.dbi_resource_id = "db-" + base64.b32encode(unique).decode()[:26]

    DBInstance.__init__ = init


def fix_alarm_state():
    """A new alarm is OK in moto, and so is one that is put again. AWS starts without data and keeps the state.

    What it is then, the next evaluation says: local-cloud/metrics/ does that.
    """
    from moto.cloudwatch.models import CloudWatchBackend

    original = CloudWatchBackend.put_metric_alarm

    @functools.wraps(original)
    def put_metric_alarm(self, *args, **kwargs):
        before = dict(self.alarms)
        alarm = original(self, *args, **kwargs)
        known = before.get(alarm.name)
        if known is None:
            alarm.state_value = "INSUFFICIENT_DATA"
            alarm.state_reason = "Unchecked: Initial alarm creation"
        else:
            for field in ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history"):
                setattr(alarm, field, getattr(known, field))
        return alarm

    CloudWatchBackend.put_metric_alarm = put_metric_alarm


def fix_certificate_validation():
    """ACM issues a certificate once its CNAME can be found; moto does so after a minute, record or not."""
    from moto import settings
    from moto.acm.models import CertBundle
    from moto.route53.models import route53_backends

    settings.ACM_VALIDATION_WAIT = float("inf")
    original = CertBundle.check

    def is_validated(certificate):
        account = certificate.arn.split(":")[4]
        zones = route53_backends[account]["aws"].zones.values()
        names = {record.name.rstrip(".") for zone in zones for record in zone.rrsets if record.type == "CNAME"}
        options = certificate.describe()["Certificate"]["DomainValidationOptions"]
        return all(option["ResourceRecord"]["Name"].rstrip(".") in names for option in options)

    @functools.wraps(original)
    def check(self):
        original(self)
        if self.type == "AMAZON_ISSUED" and self.status == "PENDING_VALIDATION" and is_validated(self):
            self.status = "ISSUED"

    CertBundle.check = check


def fix_service_linked_role_names():
    """moto names a service's role after its host name, except for the few whose real name it knows."""
    from moto.iam.models import SERVICE_NAME_CONVERSION

    names = {"elasticloadbalancing": "ElasticLoadBalancing", "rds": "RDS", "spot": "EC2Spot"}
    SERVICE_NAME_CONVERSION.update(names)


def limit_to_first_quotas():
    """The quotas of a new account, per region: five VPCs (L-F678F1CE) and five elastic IPs (L-0263D0A3)."""
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.models.elastic_ip_addresses import ElasticAddressBackend
    from moto.ec2.models.vpcs import VPCBackend

    create_vpc, allocate_address = VPCBackend.create_vpc, ElasticAddressBackend.allocate_address

    @functools.wraps(create_vpc)
    def create_limited_vpc(self, *args, **kwargs):
        if len(self.vpcs) >= 5:
            raise EC2ClientError("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
        return create_vpc(self, *args, **kwargs)

    @functools.wraps(allocate_address)
    def allocate_limited_address(self, *args, **kwargs):
        if len(self.addresses) >= 5:
            raise EC2ClientError("AddressLimitExceeded", "The maximum number of addresses has been reached.")
        return allocate_address(self, *args, **kwargs)

    VPCBackend.create_vpc = create_limited_vpc
    ElasticAddressBackend.allocate_address = allocate_limited_address


def fix_forward_actions():
    """AWS shows both forms of a forward action to one target group, whichever was given; moto shows what it was given."""
    from moto.elbv2.models import FakeAction

    original = FakeAction.__init__

    @functools.wraps(original)
    def init(self, data):
        if data.get("Type") == "forward":
            if "ForwardConfig" not in data and "TargetGroupArn" in data:
                data["ForwardConfig"] = {"TargetGroups": [{"TargetGroupArn": data["TargetGroupArn"]}]}
            groups = data.get("ForwardConfig", {}).get("TargetGroups", [])
            if len(groups) == 1:
                data.setdefault("TargetGroupArn", groups[0]["TargetGroupArn"])
        original(self, data)

    FakeAction.__init__ = init


def fix_load_balancers_of_target_groups():
    """moto notes a target group's load balancers when listeners and rules are made, once each time; changes are lost."""
    from moto.elbv2.models import ELBv2Backend

    original = ELBv2Backend.describe_target_groups

    @functools.wraps(original)
    def describe_target_groups(self, *args, **kwargs):
        for group in self.target_groups.values():
            group.load_balancer_arns = [
                balancer.arn
                for balancer in self.load_balancers.values()
                if any(
                    group.arn in self._get_target_group_arns_from(action_data=action.data)
                    for listener in balancer.listeners.values()
                    for rule in listener.rules.values()
                    for action in rule.actions
                )
            ]
        return original(self, *args, **kwargs)

    ELBv2Backend.describe_target_groups = describe_target_groups


FIXES = [
    fix_bucket_policy_conditions,
    fix_bucket_names,
    fix_bucket_tags,
    fix_default_encryption,
    fix_launch_template_source_version,
    fix_launch_template_tags,
    fix_launch_template_later_tags,
    fix_security_group_rule_description,
    fix_database_parameters,
    fix_database_forgotten_settings,
    fix_database_resource_id,
    fix_alarm_state,
    fix_certificate_validation,
    fix_service_linked_role_names,
    fix_forward_actions,
    fix_load_balancers_of_target_groups,
]


def end_with_parent():
    """The parent holds our standard input open; when it is gone, so are we."""
    while sys.stdin.buffer.read(1024):
        pass
    os._exit(0)


def main():
    for fix in FIXES:
        fix()
    if "--new-account" in sys.argv:
        limit_to_first_quotas()
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=MotoRequestHandler)
    print(f"models {os.path.join(os.path.dirname(botocore.__file__), 'data')}", flush=True)
    print(f"listening {server.server_port}", flush=True)
    threading.Thread(target=end_with_parent, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
