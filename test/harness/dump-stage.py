"""What AWS says a stage is, asked by a client in another language: a line of stdin names a stage as "PROJECT STAGE", a
line of stdout is its JSON. Endpoint, region and credentials come from the environment. Whatever differs between two
deploys of the same thing (ids, times, numbers of versions) is left out."""
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

config = Config(max_pool_connections=16, retries={"max_attempts": 2})
client = lambda name: boto3.client(name, config=config)
sqs, lam, iam, logs, scheduler, dynamodb, ssm, gateway = map(
    client, ["sqs", "lambda", "iam", "logs", "scheduler", "dynamodb", "ssm", "apigatewayv2"]
)
pool = ThreadPoolExecutor(8)

MISSING = (
    "ResourceNotFoundException",
    "ResourceNotFound",
    "NoSuchEntity",
    "ParameterNotFound",
    "AWS.SimpleQueueService.NonExistentQueue",
)


def or_none(call, **arguments):
    try:
        answer = call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return None
        raise
    answer.pop("ResponseMetadata", None)
    return answer


def without(values, *names):
    return {name: value for name, value in (values or {}).items() if name not in names}


def parsed(values, *names):
    """Documents as what they say, not as they are written."""
    return {name: json.loads(value) if name in names else value for name, value in values.items()}


def queue(url):
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    own = without(attributes, "CreatedTimestamp", "LastModifiedTimestamp")
    return url.split("/")[-1], {
        "attributes": parsed(own, "RedrivePolicy", "RedriveAllowPolicy", "Policy"),
        "tags": sqs.list_queue_tags(QueueUrl=url).get("Tags", {}),
    }


def queues(prefix):
    urls = sqs.list_queues(QueueNamePrefix=prefix + "-").get("QueueUrls", [])
    return dict(pool.map(queue, urls))


CHANGING = ("Version", "RevisionId", "LastModified", "FunctionArn", "ResponseMetadata", "MasterArn")


def function(name):
    live = or_none(lam.get_function_configuration, FunctionName=name, Qualifier="live")
    alias = or_none(lam.get_alias, FunctionName=name, Name="live")
    latest = lam.get_function(FunctionName=name)
    url = or_none(lam.get_function_url_config, FunctionName=name, Qualifier="live")
    policy = or_none(lam.get_policy, FunctionName=name, Qualifier="live")
    invoke = or_none(lam.get_function_event_invoke_config, FunctionName=name, Qualifier="live")
    mappings = lam.list_event_source_mappings(FunctionName=name + ":live")["EventSourceMappings"]
    return name, {
        "latest": without(latest["Configuration"], *CHANGING),
        "live": live and without(live, *CHANGING),
        "alias": alias and without(alias, "FunctionVersion", "RevisionId"),
        "version": alias and alias["FunctionVersion"],
        "url": url and without(url, "CreationTime", "LastModifiedTime"),
        "policy": policy and sorted(json.loads(policy["Policy"])["Statement"], key=lambda each: each["Sid"]),
        "invoke": invoke and without(invoke, "LastModified", "FunctionArn"),
        "recursion": (or_none(lam.get_function_recursion_config, FunctionName=name) or {}).get("RecursiveLoop"),
        "mappings": [without(each, "UUID", "EventSourceMappingArn", "LastModified") for each in mappings],
        "tags": latest.get("Tags", {}),
    }


def functions(prefix):
    pages = lam.get_paginator("list_functions").paginate()
    names = [each["FunctionName"] for page in pages for each in page["Functions"]]
    return dict(pool.map(function, [name for name in names if name.startswith(prefix + "-")]))


def role(found):
    name = found["RoleName"]
    policies = {
        policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    }
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    tags = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName=name)["Tags"]}
    return name, {
        "path": found["Path"],
        "trust": found["AssumeRolePolicyDocument"],
        "policies": policies,
        "attached": attached,
        "tags": tags,
    }


def roles(project, stage):
    found = iam.list_roles(PathPrefix=f"/queue-run/{project}/{stage}/")["Roles"]
    return dict(pool.map(role, found))


def log_group(found):
    arn = found["arn"].removesuffix(":*")
    return found["logGroupName"], {
        "retentionDays": found.get("retentionInDays"),
        "tags": logs.list_tags_for_resource(resourceArn=arn)["tags"],
    }


def log_groups(prefix):
    found = logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{prefix}-")["logGroups"]
    return dict(pool.map(log_group, found))


def schedules(group_name):
    group = or_none(scheduler.get_schedule_group, Name=group_name)
    if group is None:
        return None
    names = [each["Name"] for each in scheduler.list_schedules(GroupName=group_name)["Schedules"]]
    found = {name: scheduler.get_schedule(GroupName=group_name, Name=name) for name in names}
    for each in found.values():
        target = each["Target"]
        if "Input" in target:
            each["Target"] = parsed(target, "Input")
    return {
        "group": without(group, "CreationDate", "LastModificationDate"),
        "tags": {
            tag["Key"]: tag["Value"]
            for tag in scheduler.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"]
        },
        "schedules": {
            name: without(each, "CreationDate", "LastModificationDate", "ResponseMetadata")
            for name, each in found.items()
        },
    }


API = ("ApiId", "ApiEndpoint", "CreatedDate", "ResponseMetadata")


def api(found):
    """With parts that name each other by their ids as parts that name each other by what they are."""
    own = found["ApiId"]
    integrations = gateway.get_integrations(ApiId=own)["Items"]
    uris = {f"integrations/{each['IntegrationId']}": each["IntegrationUri"] for each in integrations}
    routes = gateway.get_routes(ApiId=own)["Items"]
    stages = gateway.get_stages(ApiId=own)["Items"]
    return found["Name"], {
        "api": without(found, *API),
        "integrations": [without(each, "IntegrationId") for each in integrations],
        "routes": {each["RouteKey"]: uris.get(each.get("Target")) for each in routes},
        "stages": {each["StageName"]: each.get("AutoDeploy") for each in stages},
    }


def apis(prefix):
    found = gateway.get_apis()["Items"]
    return dict(api(each) for each in found if each["Name"].startswith(prefix + "-"))


def table(name):
    found = or_none(dynamodb.describe_table, TableName=name)
    if found is None:
        return None
    described = found["Table"]
    return {
        "keys": described["KeySchema"],
        "attributes": described["AttributeDefinitions"],
        "billing": described.get("BillingModeSummary", {}).get("BillingMode"),
        "timeToLive": dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        "tags": {
            tag["Key"]: tag["Value"]
            for tag in dynamodb.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]
        },
    }


def parameter(project, stage):
    found = or_none(ssm.get_parameter, Name=f"/queue-run/{project}/{stage}/env")
    return found and {"type": found["Parameter"]["Type"]}


def dump(project, stage):
    prefix = f"{project}-{stage}"
    return {
        "queues": queues(prefix),
        "functions": functions(prefix),
        "roles": roles(project, stage),
        "logGroups": log_groups(prefix),
        "scheduling": schedules(prefix),
        "delays": schedules(prefix + "-delayed"),
        "apis": apis(prefix),
        "table": table(prefix),
        "parameter": parameter(project, stage),
    }


for line in sys.stdin:
    try:
        answer = {"stage": dump(*line.split())}
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer, default=str), flush=True)
