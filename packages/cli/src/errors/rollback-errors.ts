import { QueueRunError } from "@queue-run/runtime/errors";

/** @param latest - the id of the stage's last deploy, as an example */
export function deployNotFoundError(id: string, stage: string, latest: string | null): QueueRunError {
  return new QueueRunError({
    code: "QR_DEPLOY_NOT_FOUND",
    message: `No deploy ${id} of the stage ${stage} is recorded.`,
    fix: `\`queue-run versions --stage ${stage}\` lists them${latest ? `; the last one is ${latest}` : ""}.`,
    details: { id, stage },
  });
}

/** @param deploys - how many are recorded */
export function nothingToGoBackToError(stage: string, deploys: number): QueueRunError {
  return new QueueRunError({
    code: "QR_NOTHING_TO_GO_BACK_TO",
    message:
      deploys === 0
        ? `No deploy of the stage ${stage} is recorded in this account and region.`
        : `There is no earlier deploy of the stage ${stage} that ended as it should.`,
    fix: `\`queue-run versions --stage ${stage}\` lists the deploys; deploy the files of the commit that you want.`,
    details: { stage, deploys },
  });
}
