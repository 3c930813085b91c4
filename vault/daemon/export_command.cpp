// SPDX-License-Identifier: EUPL-1.2
//
// The command `export`: a folder, an age file of that folder, or one FHIR Bundle.
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "sync/protocol/signature.hpp"
#include "vault/crypto/age.hpp"
#include "vault/crypto/digest.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/export_fhir.hpp"
#include "vault/daemon/export_manifest.hpp"
#include "vault/daemon/export_signature.hpp"
#include "vault/daemon/export_sink.hpp"
#include "vault/daemon/export_text.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/grants/chain.hpp"

namespace coffret::daemon {
namespace {

// Counts and lists what goes into a sink.
class Packer {
 public:
  explicit Packer(ExportSink& sink) : sink_(sink) {}

  Result<void> add(const std::string& name, ByteView content) {
    COFFRET_CHECK(sink_.file(name, content));
    listed_.push_back({name, content.size(), crypto::sha256(content)});
    return {};
  }
  const std::vector<ListedFile>& listed() const noexcept { return listed_; }

 private:
  ExportSink& sink_;
  std::vector<ListedFile> listed_;
};

// The body, then the attachments.
Result<std::vector<Bytes>> parts_of(Call& call, const ExportedDocument& document) {
  std::vector<Bytes> parts;
  COFFRET_TRY(parts.emplace_back(),
              call.with([&](store::Vault& vault) { return vault.body(document.view.id); }));
  for (std::size_t i = 0; i < document.attachments.size(); ++i) {
    COFFRET_TRY(parts.emplace_back(), call.with([&](store::Vault& vault) {
      return vault.attachment(document.view.id, i);
    }));
  }
  return parts;
}

// Nothing of a document is written before all of it was read.
Result<void> add_document(Call& call, ExportedDocument& document, Packer& packer) {
  COFFRET_TRY(const auto parts, parts_of(call, document));
  document.sha1 = crypto::sha1(parts.front());
  COFFRET_CHECK(packer.add(document.file, parts.front()));
  for (std::size_t i = 0; i < document.attachments.size(); ++i)
    COFFRET_CHECK(packer.add(document.attachments[i], parts[i + 1]));
  return {};
}

// Gives each document to `take`; those that are damaged leave the record, and are named in the end.
template <class Take>
Result<void> each_whole(Call& call, const Session::Hold& hold, ExportedRecord& record, Take take) {
  std::uint64_t done = 0;
  auto documents = std::exchange(record.documents, {});
  for (auto& document : documents) {
    if (hold.asked_to_stop()) return errc::stopping;
    const Result<void> taken = take(document);
    (void)call.answer.progress(Object{{"done", ++done}, {"total", documents.size()}});
    if (taken.has_value())
      record.documents.push_back(std::move(document));
    else if (taken.error() == errc::damaged)
      leave_out(record, std::move(document));
    else
      return taken;
  }
  return {};
}

Result<void> add_documents(Call& call, const Session::Hold& hold, ExportedRecord& record,
                           Packer& packer) {
  return each_whole(call, hold, record, [&](ExportedDocument& document) {
    return add_document(call, document, packer);
  });
}

// One Bundle for each person: a FHIR document is about one patient.
Result<void> add_bundles(const ExportedRecord& record, Random& random, Packer& packer) {
  std::size_t number = 0;
  for (const auto& person : record.persons) {
    std::string bundle;
    const auto out = [&](std::string_view text) -> Result<void> {
      bundle += text;
      return {};
    };
    COFFRET_CHECK(write_bundle(record, person.id, random, {}, out));
    std::string name = "record.fhir.json";
    if (++number > 1) name = "record-" + std::to_string(number) + ".fhir.json";
    COFFRET_CHECK(packer.add(name, as_bytes(bundle)));
  }
  return {};
}

Result<void> add_signed_list(Call& call, const ExportedRecord& record, ExportSink& sink,
                             Packer& packer) {
  COFFRET_CHECK(packer.add("SHA256SUMS", as_bytes(sha256_sums(packer.listed()))));
  COFFRET_TRY(const auto both,
              call.with([&](store::Vault& vault) -> Result<std::pair<std::string, std::string>> {
                COFFRET_TRY(const auto chain, grants::chain_to_root(vault));
                const auto ours = vault.device(vault.device());
                if (!ours) return errc::damaged;
                auto manifest = export_manifest(record, packer.listed(), chain, ours->root);
                auto jws = protocol::sign_jws(export_manifest_type, manifest, vault.signer());
                return std::pair{std::move(manifest), std::move(jws)};
              }));
  COFFRET_CHECK(sink.file("manifest.json", as_bytes(both.first)));
  return sink.file("manifest.jws", as_bytes(both.second));
}

Result<void> fill(Call& call, const Session::Hold& hold, ExportedRecord& record, ExportSink& sink) {
  Packer packer{sink};
  COFFRET_CHECK(add_documents(call, hold, record, packer));
  COFFRET_CHECK(add_bundles(record, call.service.environment().random, packer));
  COFFRET_CHECK(packer.add("documents.csv", as_bytes(documents_csv(record))));
  COFFRET_CHECK(packer.add("results.csv", as_bytes(results_csv(record))));
  COFFRET_CHECK(packer.add("medicines.csv", as_bytes(medicines_csv(record))));
  COFFRET_CHECK(packer.add("index.html", as_bytes(index_html(record))));
  COFFRET_CHECK(packer.add("README.txt", as_bytes(read_me(record))));
  COFFRET_CHECK(add_signed_list(call, record, sink, packer));
  return sink.finish();
}

Result<crypto::AgeWriter> age_writer(Call& call, Bytes& head) {
  auto& random = call.service.environment().random;
  const auto recipients = call.texts("recipients");
  const auto* passphrase = call.secret("export_passphrase");
  // The format knows one or the other.
  if (recipients.empty() == (passphrase == nullptr)) return errc::usage;
  if (passphrase != nullptr)
    return crypto::AgeWriter::to_passphrase(*passphrase, crypto::age_work_factor, random, head);
  std::vector<crypto::AgeRecipient> keys;
  for (const auto& text : recipients) {
    COFFRET_TRY(keys.emplace_back(), crypto::parse_age_recipient(text));
  }
  return crypto::AgeWriter::to_recipients(keys, random, head);
}

Result<void> write_fhir(Call& call, const Session::Hold& hold, const ExportedRecord& record,
                        const std::string& path) {
  if (record.persons.empty()) return errc::not_found;
  COFFRET_TRY(auto file, StreamedFile::start(path, call.service.environment()));
  const FhirBody body = [&](const ExportedDocument& document) -> Result<Bytes> {
    if (hold.asked_to_stop()) return errc::stopping;
    return call.with([&](store::Vault& vault) { return vault.body(document.view.id); });
  };
  const FhirOut out = [&](std::string_view text) { return file.write(as_bytes(text)); };
  COFFRET_CHECK(write_bundle(record, record.persons.front().id, call.service.environment().random,
                             body, out));
  return file.finish();
}

Result<void> write_export(Call& call, const Session::Hold& hold, ExportedRecord& record,
                          const std::string& path, const std::string& format) {
  auto environment = call.service.environment();
  if (format == "fhir") {
    const auto written = write_fhir(call, hold, record, path);
    if (written.has_value() || written.error() != errc::damaged) return written;
    // All are read only when one was found, so that a sound vault is read once.
    const auto looked =
        each_whole(call, hold, record, [&](ExportedDocument& document) -> Result<void> {
          COFFRET_CHECK(parts_of(call, document));
          return {};
        });
    COFFRET_CHECK(looked);
    if (record.damaged.empty()) return written;  // something else is
    return write_fhir(call, hold, record, path);
  }
  if (format == "folder") {
    COFFRET_TRY(auto sink, FolderSink::start(path, environment));
    return fill(call, hold, record, sink);
  }
  Bytes head;
  COFFRET_TRY(auto writer, age_writer(call, head));
  COFFRET_TRY(auto sink, AgeSink::start(path, "coffret-" + to_rfc3339(record.made_at).substr(0, 10),
                                        std::move(writer), std::move(head), environment));
  return fill(call, hold, record, sink);
}

// One FHIR Bundle is about one patient: the owner, unless somebody is named. What that leaves out
// is counted, so that nobody takes the file for the whole.
struct Gathered {
  ExportedRecord record;
  std::size_t left_out = 0;   // documents of other persons
  std::size_t set_apart = 0;  // documents that nobody's record holds yet
};

Result<Gathered> gather(Call& call, bool one_person) {
  const auto now = call.service.environment().clock.now();
  const auto named = call.text("person");
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY([[maybe_unused]] const auto wanted, wanted_person(call, persons));
  return call.with([&](store::Vault& vault) -> Result<Gathered> {
    const bool owner_alone = one_person && named.empty();
    COFFRET_TRY(auto record,
                gather_record(vault, owner_alone ? "owner" : named, call.language, now));
    store::DocumentFilter apart;
    apart.quarantined = true;
    COFFRET_TRY(const auto waiting, vault.documents(apart));
    if (!owner_alone) return Gathered{std::move(record), 0, waiting.size()};
    store::DocumentFilter everybody;
    everybody.superseded = true;
    COFFRET_TRY(const auto all, vault.documents(everybody));
    const auto own = record.documents.size() + static_cast<std::size_t>(record.missing);
    return Gathered{std::move(record), all.size() - own, waiting.size()};
  });
}

}  // namespace

Result<Object> export_record(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  const std::string format = call.text("format").empty() ? "age" : call.text("format");
  if (format != "age" && format != "folder" && format != "fhir") return errc::usage;
  std::string path = call.text("out");
  if (const auto hex = call.text("out_hex"); !hex.empty()) {  // a name that is not UTF-8
    COFFRET_TRY(const auto raw, from_hex(hex));
    path = to_text(raw);
  }
  if (path.empty()) return errc::usage;
  COFFRET_TRY(auto gathered, gather(call, format == "fhir"));
  auto& record = gathered.record;
  if (const auto done = write_export(call, hold, record, path, format); done.has_error()) {
    const auto why = to_errc(done.error());
    if (why == errc::io || why == errc::file_exists || why == errc::file_not_found)
      call.detail = path;
    return done.error();
  }
  COFFRET_TRY(auto signer, call.with([](store::Vault& vault) -> Result<Object> {
    const auto ours = vault.device(vault.device());
    return Object{{"vault", vault.id().text()},
                  {"words", root_words(ours ? ours->root : vault.root_key())}};
  }));
  boost::json::array damaged;
  for (const auto& document : record.damaged)
    damaged.push_back(Object{{"id", document.view.id.text()}, {"title", document.title}});
  const int status = damaged.empty() ? 0 : row(errc::damaged).exit_status;
  return Object{{"out", path},
                {"format", format},
                {"signed_by", std::move(signer)},
                {"damaged", std::move(damaged)},
                {"exit_status", status},
                {"documents", record.documents.size()},
                {"facts", record.facts.size()},
                {"missing", record.missing},
                {"left_out", gathered.left_out},
                {"set_apart", gathered.set_apart}};
}

}  // namespace coffret::daemon
