/** A statement of an IAM policy, as its JSON has it. IAM User Guide, "IAM JSON policy elements reference". */
export type Statement = {
  Effect: "Allow" | "Deny";
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};

/** What somebody wants to do to one resource. */
export type IamRequest = {
  /** "sqs:SendMessage" */
  action: string;
  /** Its ARN. */
  resource: string;
  /** Condition keys of the request with their values: "iam:PassedToService". */
  context: Readonly<Record<string, readonly string[]>>;
};

/**
 * Whether statements let a request through: one allows it and none denies it. IAM User Guide, "Policy evaluation logic".
 * Elements and operators that it does not know are errors, so that nothing passes by mistake.
 */
export function allows(statements: readonly Statement[], request: IamRequest): boolean {
  const matching = statements.filter((statement) => applies(statement, request));
  return (
    matching.some(({ Effect }) => Effect === "Allow") && !matching.some(({ Effect }) => Effect === "Deny")
  );
}

function applies(statement: Statement, { action, resource, context }: IamRequest): boolean {
  const { Effect: _, Action, Resource, Condition = {}, ...unknown } = statement;
  const [other] = Object.keys(unknown).filter((key) => key !== "Sid");
  if (other !== undefined) throw new Error(`This stand-in for IAM does not know ${other}.`);
  return (
    [Action].flat().some((pattern) => isLike(action.toLowerCase(), pattern.toLowerCase())) &&
    [Resource].flat().some((pattern) => isLike(resource, pattern)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) => holds(operator, context[key], [wanted].flat())),
    )
  );
}

/** One operator with one key. With ForAllValues, a request without the key passes. IAM User Guide, "Set operators". */
function holds(operator: string, values: readonly string[] | undefined, wanted: readonly string[]): boolean {
  const [, forAll, comparison = ""] = /^(ForAllValues:)?(\w+)$/.exec(operator) ?? [];
  const compare = COMPARISONS[comparison];
  if (!compare) throw new Error(`This stand-in for IAM does not know the operator ${operator}.`);
  const matches = (value: string) => wanted.some((each) => compare(value, each));
  if (forAll) return (values ?? []).every(matches);
  if (values !== undefined && values.length !== 1) throw new Error(`${operator} is for keys of one value.`);
  return values?.every(matches) ?? false;
}

const COMPARISONS: Record<string, (value: string, wanted: string) => boolean> = {
  StringEquals: (value, wanted) => value === wanted,
  StringLike: isLike,
  ArnLike: isLike,
};

/** Whether a text matches a pattern, in which `*` is any text and `?` any character. */
function isLike(text: string, pattern: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${expression}$`, "s").test(text);
}
