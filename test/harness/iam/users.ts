import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import type { AccessKey } from "../moto-proxy/sign-call.js";
import type { Aws } from "../moto-proxy.js";

/** Users at a moto that asks what they may do. */
export type IamUsers = {
  /** One that may do everything. */
  admin: AccessKey;
  create: (name: string, policy: object) => Promise<AccessKey>;
  /** Sets what a user may do, and nothing else. */
  allow: (name: string, policy: object) => Promise<void>;
};

const ALL = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

/** Has moto refuse, from now on, every call that is not signed by a user who may make it. */
export async function enforceIam(aws: Aws): Promise<IamUsers> {
  const settings = { endpoint: aws.motoEndpoint, region: aws.region };
  const anybody = new IAMClient({
    ...settings,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const allowAs = async (iam: IAMClient, UserName: string, policy: object) => {
    const PolicyDocument = JSON.stringify(policy);
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "may", PolicyDocument }));
  };
  const createAs = async (iam: IAMClient, UserName: string, policy: object) => {
    await iam.send(new CreateUserCommand({ UserName }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    await allowAs(iam, UserName, policy);
    return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
  };
  const admin = await createAs(anybody, "admin", ALL);
  aws.signWith(admin);
  await fetch(`${aws.motoEndpoint}/moto-api/reset-auth`, { method: "POST", body: "0" });
  const iam = new IAMClient({ ...settings, credentials: admin });
  return {
    admin,
    create: (name, policy) => createAs(iam, name, policy),
    allow: (name, policy) => allowAs(iam, name, policy),
  };
}
