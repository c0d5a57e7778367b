// The official twilio-node fills and submits a bundle: only the base URL is changed. Prints one JSON object.
const twilio = require("twilio");
const [origin, sid, token, endUser, paper] = process.argv.slice(2);

const client = twilio(sid, token);
client.numbers.baseUrl = origin;
const bundles = client.numbers.v2.regulatoryCompliance.bundles;

async function refusal(attempt) {
  try {
    await attempt;
  } catch (error) {
    return { status: error.status, code: error.code, results: (error.details || {}).results };
  }
  return null;
}

async function main() {
  const made = await bundles.create({
    friendlyName: "Dublin",
    email: "ada@example.com",
    isoCountry: "IE",
    numberType: "local",
    endUserType: "business",
  });
  const mine = bundles(made.sid);
  const early = await refusal(mine.update({ status: "pending-review" }));
  const assigned = await mine.itemAssignments.create({ objectSid: endUser });
  await mine.itemAssignments.create({ objectSid: paper });
  const evaluation = await mine.evaluations.create();
  const submitted = await mine.update({ status: "pending-review" });
  const frozen = await refusal(mine.itemAssignments(assigned.sid).remove());
  const listed = await bundles.list({ status: "pending-review", sortBy: "date-updated", pageSize: 1 });
  const recalled = await mine.update({ status: "draft" });
  console.log(JSON.stringify({
    made: made.status,
    early: { status: early.status, code: early.code, results: early.results.length },
    evaluation: { status: evaluation.status, passed: evaluation.results.map((result) => result.passed) },
    submitted: submitted.status,
    frozen: frozen.status,
    listed: listed.map((row) => row.sid === made.sid),
    recalled: recalled.status,
    removed: await mine.remove(),
    gone: (await refusal(mine.fetch())).code,
  }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
