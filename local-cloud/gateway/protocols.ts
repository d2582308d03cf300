/** How results and errors look on the wire, per protocol (botocore's service models name each service's). */
import type { Answer, ApiCall, ApiError, Service } from './wire.ts';
import { escapeXml, renderChildren } from './xml.ts';

/** Every format that a caller of the gateway may expect an error in. */
export type ErrorFormat = 'query' | 'ec2' | 's3' | 'json' | 'cbor';

const JSON_TYPE = 'application/x-amz-json-1.1';

function xml(status: number, requestId: string, body: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
  };
}

/** JSON protocol: timestamps are seconds since 1970, with a fraction. */
function toJson(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toJson(child)]));
}

/** Renders the result of a call in its service's protocol. */
export function renderResult(service: Service, call: ApiCall, result: unknown): Answer {
  const { operation, requestId } = call;
  if (service.protocol === 'json') {
    const headers = { 'content-type': JSON_TYPE, 'x-amzn-requestid': requestId };
    return { status: 200, headers, body: JSON.stringify(toJson(result ?? {})) };
  }
  if (service.protocol === 'ec2') {
    const body = `<requestId>${requestId}</requestId>${renderChildren(result, 'item')}`;
    const open = `<${operation}Response xmlns="${service.namespace}">`;
    return xml(200, requestId, `${open}${body}</${operation}Response>`);
  }
  const content = renderChildren(result);
  return xml(
    200,
    requestId,
    `<${operation}Response xmlns="${service.namespace}">` +
      `<${operation}Result>${content}</${operation}Result>` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`,
  );
}

/** A CBOR text string (RFC 8949, major type 3). */
function cborText(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  const head = bytes.length < 24 ? [0x60 + bytes.length] : [0x79, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from(head), bytes]);
}

function cborError(error: ApiError): Uint8Array {
  const pairs = ['__type', error.code, 'message', error.message.slice(0, 60_000)];
  return Buffer.concat([Buffer.from([0xa2]), ...pairs.map(cborText)]);
}

/**
 * Renders an error as the protocol has it, so that the SDKs, the AWS CLI and the Terraform provider read code
 * and message.
 * @param namespace the XML namespace of a query service
 */
export function renderError(
  format: ErrorFormat,
  error: ApiError,
  requestId: string,
  namespace?: string,
): Answer {
  const { status = 400 } = error;
  const code = escapeXml(error.code);
  const message = escapeXml(error.message);
  switch (format) {
    case 'ec2': {
      const detail = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
      const body = `<Response><Errors>${detail}</Errors><RequestID>${requestId}</RequestID></Response>`;
      return xml(status, requestId, body);
    }
    case 's3': {
      const detail = `<Code>${code}</Code><Message>${message}</Message><RequestId>${requestId}</RequestId>`;
      const answer = xml(status, requestId, `<Error>${detail}</Error>`);
      return { ...answer, headers: { ...answer.headers, 'x-amz-request-id': requestId } };
    }
    case 'json': {
      const headers = { 'content-type': JSON_TYPE, 'x-amzn-requestid': requestId };
      const body = JSON.stringify({ __type: error.code, message: error.message });
      return { status, headers: { ...headers, 'x-amzn-errortype': error.code }, body };
    }
    case 'cbor': {
      const headers = { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' };
      return {
        status,
        headers: { ...headers, 'x-amzn-requestid': requestId },
        body: cborError(error),
      };
    }
    case 'query': {
      const type = status >= 500 ? 'Receiver' : 'Sender';
      const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`;
      const detail = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
      const body = `<ErrorResponse${attribute}>${detail}<RequestId>${requestId}</RequestId></ErrorResponse>`;
      return xml(status, requestId, body);
    }
  }
}
