"""Holds the raw answers of AWS calls against botocore's own model of them: problems is what the model does not allow."""
import json, re
from xml.etree import ElementTree

NUMBER = r'-?\d+(\.\d+)?([eE][+-]?\d+)?'
ISO = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z'
LEGAL = {'integer': r'-?\d+', 'long': r'-?\d+', 'double': NUMBER, 'float': NUMBER, 'boolean': 'true|false'}
EVERY_ANSWER = ['x-amz-request-id', 'x-amz-id-2', 'x-amz-bucket-region']  # S3's headers that its model leaves out
problems = []


def expect(what, found, wanted):
    if found != wanted:
        problems.append(f'{what} is {found}, not {wanted}')


def scalar(shape, text, path, time):
    legal = time if shape.type_name == 'timestamp' else LEGAL.get(shape.type_name, '(?s:.*)')
    if not re.fullmatch(legal, text):
        problems.append(f'{path}: {text!r} is no {shape.type_name}')
    if getattr(shape, 'enum', None) and text not in shape.enum:
        problems.append(f'{path}: {text!r} is none of {shape.enum}')
    # An empty element stands for a value that is not there: so AWS's own samples write VPCZoneIdentifier.
    bounds = shape.metadata if shape.type_name == 'string' and text else {}
    if not bounds.get('min', 0) <= len(text) <= bounds.get('max', len(text)):
        problems.append(f'{path}: {text!r} is shorter or longer than the model allows')


def is_flat(shape):
    return shape.type_name == 'list' and shape.serialization.get('flattened')


def name_of(name, member):
    """A field's name on the wire; a flattened list is named by its rows."""
    row = is_flat(member) and member.member.serialization.get('name')
    return row or member.serialization.get('name', name)


def walk(shape, value, path):
    is_xml = ElementTree.iselement(value)
    if shape.type_name == 'structure':
        fields = [(child.tag, child) for child in value] if is_xml else list(value.items())
        names = [name for name, _ in fields]
        members = {name_of(*pair): pair[1] for pair in shape.members.items() if 'location' not in pair[1].serialization}
        for required in shape.required_members:
            expect(f'{path}.{required}', name_of(required, shape.members[required]) in names, True)
        for name, field in fields:
            if name not in members:
                problems.append(f'{path}: the model has no {name}')
                continue
            flat = is_flat(members[name])
            if names.count(name) > 1 and not flat:
                problems.append(f'{path}: {name} is there more than once')
            walk(members[name].member if flat else members[name], field, f'{path}.{name}')
    elif shape.type_name == 'list':
        for child in value:
            if is_xml:
                expect(f'{path}: a row', child.tag, shape.member.serialization.get('name', 'member'))
            walk(shape.member, child, f'{path}[]')
    elif is_xml:
        expect(f'{path}: what it holds', len(value), 0)
        scalar(shape, value.text or '', path, ISO)
    else:
        expect(f'{path}: whether it is text', isinstance(value, str), shape.type_name in ('string', 'blob'))
        scalar(shape, value if isinstance(value, str) else json.dumps(value), path, NUMBER)


def hold(model, answer):
    shape, name, protocol, headers = model.output_shape, model.name, model.metadata['protocol'], answer['headers']
    failed = answer['status_code'] >= 300
    if protocol == 'rest-xml' and not failed:
        locations = [member.serialization for member in shape.members.values()] if shape else []
        known = EVERY_ANSWER + [one['name'].lower() for one in locations if one.get('location') in ('header', 'headers')]
        sent = [header.lower() for header in headers if header.lower().startswith('x-amz-')]
        expect(f'{name}: unknown headers', [one for one in sent if one not in known and 'x-amz-meta-' not in one], [])
    if not isinstance(answer['body'], bytes) or (protocol == 'rest-xml' and not answer['body']):
        return  # an object's own bytes, or nothing
    expect(f'{name}: a request id', 'x-amzn-requestid' in headers or protocol == 'rest-xml', True)
    if 'json' in headers['content-type']:
        body = json.loads(answer['body'])
        expect(f'{name}: the error', sorted(body), ['__type', 'message']) if failed else shape and walk(shape, body, name)
        return
    root = ElementTree.fromstring(answer['body'])
    space = model.metadata.get('xmlNamespace', 'http://s3.amazonaws.com/doc/2006-03-01')
    if not (failed and protocol in ('ec2', 'rest-xml')):  # their errors are in no name space
        expect(f'{name}: the name space', root.tag.rpartition('}')[0].strip('{/'), space.strip('/'))
    for node in root.iter():
        node.tag = node.tag.rpartition('}')[2]
    tags = [child.tag for child in root]
    if failed:
        forms = {'ec2': ('Response', ['Errors', 'RequestID']), 'rest-xml': ('Error', tags)}
        expect(f'{name}: the error', (root.tag, tags), forms.get(protocol, ('ErrorResponse', ['Error', 'RequestId'])))
    elif protocol == 'rest-xml':
        walk(shape, root, name)
    elif protocol == 'ec2':
        expect(f'{name}: the document', (root.tag, tags[0]), (f'{name}Response', 'requestId'))
        root.remove(root[0])
        walk(shape, root, name) if shape else expect(f'{name}: the answer', tags[1:], ['return'])
    else:
        result = [shape.serialization['resultWrapper']] if shape else []
        expect(f'{name}: the document', (root.tag, tags), (f'{name}Response', [*result, 'ResponseMetadata']))
        walk(shape, root[0], name) if shape else None
