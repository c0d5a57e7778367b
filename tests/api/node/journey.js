// The official twilio-node from a regulation to a number: only the base URLs are changed. Prints one JSON object, and
// between its two halves waits for a line: staff approve the bundle meanwhile.
const readline = require("node:readline/promises");
const twilio = require("twilio");
const [origin, sid, token, number, profile] = process.argv.slice(2);

const client = twilio(sid, token);
client.api.baseUrl = client.numbers.baseUrl = origin;
const papers = client.numbers.v2.regulatoryCompliance;
const knows = JSON.parse(profile);

async function refusal(attempt) {
  try {
    await attempt;
  } catch (error) {
    return { code: error.code, unmet: ((error.details || {}).unmet || []).map((each) => each.code) };
  }
  return null;
}

async function upload(type, attributes) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ FriendlyName: type, Type: type, Attributes: JSON.stringify(attributes) })) {
    form.append(name, value);
  }
  const scan = Buffer.from(knows.scan, "base64");
  form.append("File", new Blob([scan], { type: "application/pdf" }), "scan.pdf");
  const answer = await fetch(`${origin}/v2/RegulatoryCompliance/SupportingDocuments`, {
    method: "POST",
    headers: { Authorization: `Basic ${Buffer.from(`${sid}:${token}`).toString("base64")}` },
    body: form,
  });
  return (await answer.json()).sid;
}

async function main() {
  const [regulation] = await papers.regulations.list({ isoCountry: "GB", numberType: "mobile", endUserType: "individual" });
  const bundle = await papers.bundles.create({
    friendlyName: "London", email: "papers@keller.example", regulationSid: regulation.sid,
  });
  const mine = papers.bundles(bundle.sid);
  const address = await client.addresses.create(knows.lives);
  const shown = (fields) => Object.fromEntries(
    fields.map((name) => [name, name === "address_sids" ? [address.sid] : knows.told[name]]),
  );
  const [party] = regulation.requirements.end_user;
  const person = await papers.endUsers.create({
    friendlyName: "Maria", type: party.type, attributes: shown(party.fields.filter((name) => name !== "comments")),
  });
  const sids = [person.sid];
  for (const { accepted_documents: [first] } of regulation.requirements.supporting_document.flat()) {
    sids.push(await upload(first.type, shown(first.fields)));
  }
  const before = await mine.evaluations.create();
  for (const objectSid of sids) {
    await mine.itemAssignments.create({ objectSid });
  }
  const after = await mine.evaluations.create();
  await mine.update({ status: "pending-review" });
  const buy = () => client.incomingPhoneNumbers.create({ phoneNumber: number, addressSid: address.sid, bundleSid: bundle.sid });
  const early = await refusal(buy());
  console.log(bundle.sid);
  const staff = readline.createInterface({ input: process.stdin });
  await staff[Symbol.asyncIterator]().next();
  staff.close();
  const bought = await buy();
  console.log(JSON.stringify({
    before: before.results.map((each) => each.error_code),
    after: after.status,
    early,
    status: (await mine.fetch()).status,
    bought: bought.phoneNumber,
    held: (await refusal(mine.remove())).code,
  }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
