/** How services refuse: code, status and words. */
import { ApiError, type ApiCall } from '../gateway/index.ts';
import { JSON_SERVICES } from './callers.ts';
import type { Denial } from './evaluate.ts';
import { templatesIn } from './needs.ts';

/** IAM user guide, "Troubleshoot access denied error messages". */
function because({ explicit, by }: Denial, action: string): string {
  if (explicit) return `with an explicit deny in ${by}`;
  return `because no ${by.replace(/^an? /, '')} allows the ${action} action`;
}

/** The resource as AWS shows it: what has no name yet is any. */
// eslint-disable-next-line security/detect-unsafe-regex -- the digits are of one length
export const shownResource = (arn: string): string => arn.replace(/(?:[a-z]+-)?0{17}/, '*');

/** @returns what the call is answered with */
export function refusal(
  call: ApiCall,
  principalArn: string,
  { action, resource, denial }: { action: string; resource: string; denial: Denial },
): ApiError {
  const on = call.service === 's3' ? `"${shownResource(resource)}"` : shownResource(resource);
  const what = `User: ${principalArn} is not authorized to perform: ${action} on resource: ${on} ${because(denial, action)}`;
  // What Auto Scaling says when it tries EC2 with the caller's permissions, and EC2 refuses.
  if (call.service === 'autoscaling' && action.startsWith('ec2:')) {
    const [{ LaunchTemplateId, LaunchTemplateName } = {}] = templatesIn(call);
    const template = LaunchTemplateId ?? LaunchTemplateName ?? '';
    return new ApiError('AccessDenied', `You are not authorized to use launch template: ${template}`, 403);
  }
  switch (call.service) {
    case 'ec2':
      return new ApiError(
        'UnauthorizedOperation',
        `You are not authorized to perform this operation. ${what}.`,
        403,
      );
    case 'sns':
      return new ApiError('AuthorizationError', what, 403);
    default:
      return JSON_SERVICES.has(call.service)
        ? new ApiError('AccessDeniedException', what, 400)
        : new ApiError('AccessDenied', what, 403);
  }
}
