// The official twilio-node as a customer uses it: only the base URL is changed. Prints one JSON object.
const twilio = require("twilio");
const [origin, sid, token, number, child] = process.argv.slice(2);

const client = twilio(sid, token);
client.api.baseUrl = origin;

async function refusal(attempt) {
  try {
    await attempt;
  } catch (error) {
    return { status: error.status, code: error.code, more: error.moreInfo };
  }
  return null;
}

async function main() {
  const bought = await client.incomingPhoneNumbers.create({ phoneNumber: number, voiceUrl: "https://a.example/v" });
  const again = await client.incomingPhoneNumbers.create({ phoneNumber: number });
  const changed = await client.incomingPhoneNumbers(bought.sid).update({ friendlyName: "Front desk" });
  const listed = await client.incomingPhoneNumbers.list({ pageSize: 1 });
  const filtered = await client.incomingPhoneNumbers.list({ friendlyName: "nobody" });
  const moved = await client.incomingPhoneNumbers(bought.sid).update({ accountSid: child });
  await client.api.v2010.accounts(child).incomingPhoneNumbers(bought.sid).update({ accountSid: sid });
  const key = await client.newKeys.create({ friendlyName: "CI" });
  const released = await client.incomingPhoneNumbers(bought.sid).remove();
  const gone = await refusal(client.incomingPhoneNumbers(bought.sid).fetch());
  const reclaimed = await client.incomingPhoneNumbers.create({ phoneNumber: number });
  console.log(JSON.stringify({
    bought: { sid: bought.sid, created: bought.dateCreated.getTime(), url: bought.voiceUrl, capabilities: bought.capabilities },
    again: again.sid,
    name: changed.friendlyName,
    listed: listed.map((row) => row.sid),
    filtered: filtered.length,
    moved: moved.accountSid,
    secret: key.secret.length,
    released,
    gone,
    reclaimed: reclaimed.sid,
    unavailable: await refusal(client.incomingPhoneNumbers.create({ phoneNumber: "+14155559999" })),
    invalid: await refusal(client.incomingPhoneNumbers.create({ phoneNumber: "nonsense" })),
    tooLarge: await refusal(client.incomingPhoneNumbers.page({ pageSize: 1001 })),
  }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
