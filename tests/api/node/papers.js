// The official twilio-node with addresses and papers: only the base URLs are changed. Prints one JSON object.
const twilio = require("twilio");
const [origin, sid, token] = process.argv.slice(2);

const client = twilio(sid, token);
client.api.baseUrl = client.numbers.baseUrl = origin;
const papers = client.numbers.v2.regulatoryCompliance;

async function main() {
  const address = await client.addresses.create({
    customerName: "Ada", street: "Unter den Linden 77", city: "Berlin", region: "", postalCode: "10 117", isoCountry: "DE",
  });
  const [regulation] = await papers.regulations.list({ isoCountry: "DE", numberType: "local", endUserType: "business" });
  const person = await papers.endUsers.create({
    friendlyName: "Ada", type: "individual", attributes: { first_name: "Ada", last_name: "Lovelace" },
  });
  const paper = await papers.supportingDocuments.create({
    friendlyName: "Bill", type: "utility_bill", attributes: { address_sids: [address.sid] },
  });
  const kinds = await papers.supportingDocumentTypes.list({ pageSize: 5 });
  console.log(JSON.stringify({
    code: address.postalCode,
    dependents: (await client.addresses(address.sid).dependentPhoneNumbers.list()).length,
    asked: regulation.requirements.supporting_document[0].map((each) => each.requirement_name),
    person: (await papers.endUsers(person.sid).fetch()).attributes,
    paper: { status: paper.status, attributes: paper.attributes.address_sids[0] === address.sid },
    kinds: kinds.length,
    removed: (await papers.supportingDocuments(paper.sid).remove()) && (await papers.endUsers(person.sid).remove()),
  }));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
