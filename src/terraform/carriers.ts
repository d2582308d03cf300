import type { Attributes, ResourceChange } from './plan-document.ts';

/** How a plan does away with a resource: for good, or replaced, in this or that order. */
export type Removal = 'destroyed' | 'old-first' | 'new-first';

/** What goes with a resource that is done away with. */
export interface Loss {
  /** `refused`: traffic, data or what a rollback needs; `warning`: what may still be missed; `unknown`: nobody here knows. */
  severity: 'refused' | 'warning' | 'unknown';
  /** What happens then, for a person. */
  why: string;
}

type Why = (how: Removal) => string;

const each =
  (reasons: Record<Removal, string>): Why =>
  (how) =>
    reasons[how];
/** What holds data: a new one begins with none. */
const data =
  (what: string): Why =>
  (how) =>
    how === 'destroyed' ? what : `${what}; the new one begins empty`;
/** What carries requests: for good, until another does, or under an address that nobody knows yet. */
const traffic =
  (what: string): Why =>
  (how) =>
    ({
      destroyed: what,
      'old-first': `${what} until the new one is there`,
      'new-first': `${what} unless everything uses the new one by then`,
    })[how];

/** What carries traffic, data or the way back. The types of each row, as the AWS provider names them, with spaces. */
const carriers: readonly [types: string, why: Why][] = [
  [
    'aws_autoscaling_group',
    each({
      destroyed: 'all of its instances are terminated',
      'old-first': 'all of its instances are terminated before the new group launches any',
      'new-first':
        'all of its instances are terminated as soon as the new group exists, whether its own serve or not: no rollout watches it, and none goes back',
    }),
  ],
  [
    'aws_launch_template',
    each({
      destroyed: 'a group can launch nothing without it, and every version to go back to is deleted',
      'old-first':
        'it is deleted before the new one exists, so that the group launches from nothing until Terraform moves it; every version to go back to is deleted',
      'new-first':
        'its id changes, so that Terraform itself moves the group, outside the rollout and to a version number that the new one may not have; every version to go back to is deleted',
    }),
  ],
  [
    'aws_lb aws_alb aws_elb',
    each({
      destroyed: 'nobody reaches the service through it any more',
      'old-first': 'nothing answers until the new one is there, and it has another address',
      'new-first': 'its address goes with it: whoever uses the old one reaches nothing',
    }),
  ],
  [
    'aws_lb_target_group aws_alb_target_group',
    each({
      destroyed: 'the load balancer has no instances to send requests to',
      'old-first':
        'AWS refuses while a listener uses it, and the apply stops halfway; else nothing serves until the instances are registered with the new one',
      'new-first':
        'the new one is empty: nothing serves until the instances are registered with it and healthy',
    }),
  ],
  [
    'aws_lb_listener aws_alb_listener aws_globalaccelerator_listener aws_vpclattice_listener aws_globalaccelerator_custom_routing_listener',
    each({
      destroyed: 'nothing answers on its port any more',
      'old-first': 'nothing answers on its port until the new one is there',
      'new-first': 'nothing answers on its port any more, and AWS takes no second listener on the same one',
    }),
  ],
  [
    'aws_lb_listener_rule aws_alb_listener_rule aws_vpclattice_listener_rule',
    traffic('the requests that it matches go elsewhere'),
  ],
  [
    'aws_autoscaling_attachment aws_autoscaling_traffic_source_attachment aws_lb_target_group_attachment aws_alb_target_group_attachment aws_elb_attachment aws_network_interface aws_network_interface_attachment aws_service_discovery_instance aws_vpclattice_target_group_attachment',
    traffic('what it attaches gets no requests any more'),
  ],
  ['aws_vpclattice_target_group', traffic('there are no targets to send requests to')],
  [
    'aws_route53_zone aws_service_discovery_private_dns_namespace aws_service_discovery_public_dns_namespace aws_service_discovery_http_namespace aws_service_discovery_service',
    traffic('the names in it resolve to nothing'),
  ],
  [
    'aws_cloudfront_distribution aws_globalaccelerator_accelerator aws_globalaccelerator_custom_routing_accelerator aws_globalaccelerator_endpoint_group aws_globalaccelerator_custom_routing_endpoint_group aws_api_gateway_rest_api aws_api_gateway_stage aws_api_gateway_domain_name aws_api_gateway_base_path_mapping aws_api_gateway_vpc_link aws_apigatewayv2_api aws_apigatewayv2_stage aws_apigatewayv2_domain_name aws_apigatewayv2_api_mapping aws_apigatewayv2_route aws_apigatewayv2_integration aws_apigatewayv2_vpc_link aws_appsync_graphql_api aws_vpclattice_service aws_vpc_endpoint_service aws_lambda_function_url aws_lightsail_lb aws_lightsail_distribution aws_lightsail_container_service aws_transfer_server',
    traffic('requests that come in through it reach nothing'),
  ],
  [
    'aws_eip aws_eip_association aws_lightsail_static_ip',
    traffic('its public address reaches nothing, and a new one is another'),
  ],
  [
    'aws_ecs_service aws_ecs_cluster aws_eks_cluster aws_eks_node_group aws_eks_fargate_profile aws_lambda_function aws_lambda_alias aws_apprunner_service aws_elastic_beanstalk_environment aws_emr_cluster aws_appmesh_mesh aws_appmesh_virtual_service aws_appmesh_virtual_gateway aws_ec2_fleet aws_spot_fleet_request',
    traffic('what runs there is stopped and answers nobody'),
  ],
  [
    'aws_instance aws_spot_instance_request aws_lightsail_instance',
    data('it is terminated, with what is on its disks'),
  ],
  [
    'aws_vpc aws_subnet aws_internet_gateway aws_internet_gateway_attachment aws_nat_gateway aws_egress_only_internet_gateway aws_vpc_ipv4_cidr_block_association aws_vpn_connection aws_vpn_gateway aws_vpn_gateway_attachment aws_ec2_transit_gateway aws_ec2_transit_gateway_vpc_attachment aws_ec2_transit_gateway_peering_attachment aws_vpc_peering_connection aws_dx_connection aws_dx_gateway aws_dx_gateway_association aws_dx_private_virtual_interface aws_dx_public_virtual_interface aws_dx_transit_virtual_interface aws_networkfirewall_firewall',
    traffic(
      'what runs behind it loses its network, or AWS refuses while it is in use and the apply stops halfway: no traffic passes',
    ),
  ],
  [
    'aws_db_instance aws_rds_cluster aws_rds_global_cluster aws_rds_shard_group aws_docdb_cluster aws_docdb_global_cluster aws_docdbelastic_cluster aws_neptune_cluster aws_neptune_global_cluster aws_neptunegraph_graph aws_redshift_cluster aws_redshiftserverless_namespace aws_dynamodb_table aws_dynamodb_table_item aws_dynamodb_table_replica aws_dynamodb_global_table aws_dsql_cluster aws_keyspaces_keyspace aws_keyspaces_table aws_timestreamwrite_database aws_timestreamwrite_table aws_timestreaminfluxdb_db_instance aws_qldb_ledger aws_simpledb_domain aws_lightsail_database aws_opensearch_domain aws_elasticsearch_domain aws_opensearchserverless_collection aws_cloudsearch_domain aws_kendra_index aws_finspace_kx_database aws_sagemaker_feature_group aws_opsworks_rds_db_instance',
    data('the database is deleted, with everything in it'),
  ],
  [
    'aws_rds_cluster_instance aws_docdb_cluster_instance aws_neptune_cluster_instance aws_redshiftserverless_workgroup aws_db_proxy aws_db_proxy_target aws_rds_cluster_endpoint aws_neptune_cluster_endpoint',
    traffic('connections to the database break, and go nowhere'),
  ],
  [
    'aws_elasticache_cluster aws_elasticache_replication_group aws_elasticache_global_replication_group aws_elasticache_serverless_cache aws_memorydb_cluster aws_memorydb_multi_region_cluster aws_dax_cluster aws_fsx_file_cache',
    data('everything in it is lost, and its address goes with it'),
  ],
  [
    'aws_s3_bucket aws_s3_directory_bucket aws_s3tables_table_bucket aws_s3tables_table aws_s3control_bucket aws_lightsail_bucket aws_s3control_multi_region_access_point',
    data('its objects are deleted with it (force_destroy), or AWS refuses and the apply stops halfway'),
  ],
  [
    'aws_efs_file_system aws_fsx_lustre_file_system aws_fsx_ontap_file_system aws_fsx_ontap_storage_virtual_machine aws_fsx_ontap_volume aws_fsx_openzfs_file_system aws_fsx_openzfs_volume aws_fsx_windows_file_system aws_ebs_volume aws_lightsail_disk aws_finspace_kx_volume aws_storagegateway_gateway aws_storagegateway_cached_iscsi_volume aws_storagegateway_stored_iscsi_volume',
    data('the files on it are deleted'),
  ],
  [
    'aws_efs_mount_target aws_efs_access_point aws_volume_attachment aws_lightsail_disk_attachment',
    traffic('the instances that use it lose their files'),
  ],
  [
    'aws_ami aws_ami_copy aws_ami_from_instance aws_ebs_snapshot aws_ebs_snapshot_copy aws_ebs_snapshot_import aws_db_snapshot aws_db_snapshot_copy aws_db_cluster_snapshot aws_rds_cluster_snapshot_copy aws_docdb_cluster_snapshot aws_neptune_cluster_snapshot aws_redshift_cluster_snapshot aws_redshiftserverless_snapshot aws_memorydb_snapshot aws_fsx_backup aws_fsx_openzfs_snapshot aws_backup_vault aws_backup_logically_air_gapped_vault aws_glacier_vault',
    data('what it holds can never be restored or launched again'),
  ],
  [
    'aws_ecr_repository aws_ecrpublic_repository',
    data('its images are deleted: no instance can be launched or rolled back with them'),
  ],
  [
    'aws_codecommit_repository aws_codeartifact_repository aws_codeartifact_domain aws_codecatalyst_source_repository',
    data('everything in the repository is deleted'),
  ],
  [
    'aws_sqs_queue aws_kinesis_stream aws_kinesis_video_stream aws_msk_cluster aws_msk_serverless_cluster aws_mq_broker aws_cloudwatch_event_archive aws_mskconnect_connector',
    data('the messages in it are lost'),
  ],
  [
    'aws_kms_key aws_kms_external_key aws_kms_replica_key aws_kms_replica_external_key aws_kms_custom_key_store aws_cloudhsm_v2_cluster aws_paymentcryptography_key',
    data('everything that is encrypted with it can no longer be read'),
  ],
  [
    'aws_secretsmanager_secret aws_secretsmanager_secret_version aws_iot_certificate aws_acmpca_certificate_authority',
    data('the secret in it is lost'),
  ],
  [
    'aws_cognito_user_pool aws_cognito_user aws_cognito_identity_pool aws_directory_service_directory aws_identitystore_user aws_verifiedpermissions_policy_store aws_workspaces_workspace',
    data('its users are deleted and can no longer sign in'),
  ],
  [
    'aws_cloudwatch_log_group aws_cloudtrail_event_data_store aws_prometheus_workspace aws_securitylake_data_lake',
    data('what was recorded in it is deleted'),
  ],
  [
    'aws_cloudformation_stack aws_serverlessapplicationrepository_cloudformation_stack aws_glue_catalog_database aws_glue_catalog_table aws_athena_database aws_quicksight_data_set aws_lakeformation_resource',
    data('everything in it is deleted'),
  ],
];

/** What carries neither, and may be missed by what runs. */
const missed: readonly [types: string, why: Why][] = [
  [
    'aws_security_group aws_vpc_security_group_ingress_rule aws_vpc_security_group_egress_rule aws_security_group_rule aws_network_acl aws_network_acl_rule aws_route aws_route_table aws_route_table_association aws_vpc_endpoint',
    () => 'what runs may lose a connection that it needs, as soon as it is gone',
  ],
  [
    'aws_iam_role aws_iam_instance_profile aws_iam_role_policy aws_iam_role_policy_attachment',
    () => 'running instances lose the rights that they have through it',
  ],
  ['aws_launch_configuration', () => 'a group that uses it launches nothing without it'],
  ['random_password tls_private_key', () => 'whatever was given the old one is locked out'],
  ['aws_sns_topic', () => 'its subscriptions go with it, and who confirmed one has to do so again'],
  ['aws_ssm_parameter', () => 'instances that read it at boot, those of a rollback too, no longer find it'],
  [
    'aws_acm_certificate aws_lb_listener_certificate aws_alb_listener_certificate',
    () => 'clients that are shown it no longer are',
  ],
];

/** What programs make and keep for themselves: nobody misses it. */
const worthless =
  /^(terraform_data|(null|random|time|tls|local|archive|external|http|template|cloudinit)_\w+|aws_(ecs_task_definition|api_gateway_deployment|apigatewayv2_deployment|lambda_layer_version|lambda_invocation|acm_certificate_validation|s3_object|s3_bucket_object))$/;

/** How types are called that hold data, with a provider that the tables do not know. */
const soundsLikeData =
  /_(database|db|db_instance|cluster|bucket|volume|disk|file_?system|(?<!(route|policy)_)table|queue|stream|topic|vault|keyspace|repository|registry|snapshot|backup|collection)$/;

/** How types are called that carry requests, likewise. */
const soundsLikeTraffic = /_(load_?balancer|lb|listener|target_group|dns_record|record|zone|distribution)$/;

const carrierOf = byType(carriers);
const missedOf = byType(missed);

/** Each type by itself, with the reason of its row. */
function byType(rows: readonly [types: string, why: Why][]): Map<string, Why> {
  return new Map(rows.flatMap(([types, why]) => types.split(' ').map((type) => [type, why] as const)));
}

/** What goes with a resource; undefined where nobody misses anything. Pure. */
export function lossOf({ type, change: { before } }: ResourceChange, how: Removal): Loss | undefined {
  const why = exception(type, before ?? {}) ?? carrierOf.get(type);
  if (why !== undefined) return { severity: 'refused', why: why(how) };
  const less = missedOf.get(type);
  if (less !== undefined) return { severity: 'warning', why: less(how) };
  if (worthless.test(type)) return undefined;
  if (type === 'aws_route53_record') return undefined;
  if (soundsLikeData.test(type))
    return { severity: 'refused', why: data('by its name it holds data, which is deleted')(how) };
  if (soundsLikeTraffic.test(type))
    return { severity: 'refused', why: traffic('by its name it carries requests, which reach nothing')(how) };
  return { severity: 'unknown', why: '' };
}

/** Types of which only some carry anything. */
function exception(type: string, before: Attributes): Why | undefined {
  // A SecureString may have been written by hand, and Terraform then does not know its value.
  if (type === 'aws_ssm_parameter' && before.type !== 'String' && before.type !== 'StringList')
    return data('the secret in it is lost');
  if (type === 'aws_db_instance' || type === 'aws_rds_cluster') return databaseWith(before);
  // A CNAME that begins so proves a domain to somebody, such as to ACM, and leads nobody anywhere.
  const proof = before.type === 'CNAME' && String(before.name).startsWith('_');
  if (type === 'aws_route53_record' && !proof) return traffic('the name resolves to nothing');
  return undefined;
}

/** What is left of a database is a question of the settings that were applied last, not of those in the plan. */
function databaseWith({
  skip_final_snapshot: skip,
  final_snapshot_identifier: name,
}: Attributes): Why | undefined {
  if (skip === true)
    return data('the database is deleted, with everything in it, and without a final snapshot');
  if (skip !== false || typeof name !== 'string' || name === '') return undefined;
  return data(`the database is deleted; what is in it is left in the final snapshot ${name} alone`);
}
