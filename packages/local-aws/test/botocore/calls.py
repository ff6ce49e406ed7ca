"""Makes AWS calls with botocore and holds every raw answer against botocore's own model of it.

The argument is the endpoint; settings come from AWS_* variables. A line on stdin is a call: {"service", "operation",
"parameters"}. The line on stdout that answers it has "output" or "error" (code, message, status; modelled: the status the
model gives the code, null where it knows none), and "problems": what the model does not allow.
"""
import json, sys
import botocore, botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError
from model import hold, problems


def plain(value):
    return value.read().decode() if hasattr(value, 'read') else value.isoformat()


def call(client, operation, parameters):
    model = client.meta.service_model.operation_model(operation)
    try:
        output = getattr(client, botocore.xform_name(operation))(**parameters)
        return {'output': {name: value for name, value in output.items() if name != 'ResponseMetadata'}}
    except ClientError as error:
        found, status = error.response['Error'], error.response['ResponseMetadata']['HTTPStatusCode']
        known = {shape.error_code: shape.metadata.get('error', {}) for shape in model.error_shapes}.get(found['Code'])
        modelled = None if known is None else known.get('httpStatusCode', status)
        return {'error': {'code': found['Code'], 'message': found['Message'], 'status': status, 'modelled': modelled}}


def made(session, service):
    config = Config(retries={'total_max_attempts': 1}, s3={'addressing_style': 'path'})
    client = session.create_client(service, config=config, endpoint_url=sys.argv[1])
    model = client.meta.service_model

    def received(response_dict, event_name, **_):
        hold(model.operation_model(event_name.split('.')[-1]), response_dict)

    client.meta.events.register(f'response-received.{model.service_id.hyphenize()}', received)
    return client


session, clients = botocore.session.get_session(), {}
for line in sys.stdin:
    asked = json.loads(line)
    service = asked['service']
    if service not in clients:
        clients[service] = made(session, service)
    problems.clear()
    answer = call(clients[service], asked['operation'], asked['parameters'])
    print(json.dumps({**answer, 'problems': problems}, default=plain), flush=True)
