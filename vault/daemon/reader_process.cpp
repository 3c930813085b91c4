// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/reader_process.hpp"

#include <algorithm>
#include <utility>

#include "coffret/wire.hpp"
#include "vault/daemon/confined_child.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t idle_readers = 4;           // kept for the next file
constexpr std::size_t converted_attachments = 8;  // PDFs of one document whose text is taken
constexpr std::size_t html_size = 2 * limits::text_size;  // bytes taken from the converter

// An answer's size, judged before anything is received into memory for it.
Result<std::size_t> wanted_of_answer(ByteView so_far) {
  if (so_far.size() < 4) return 4 - so_far.size();
  const std::size_t size = load_le<std::uint32_t>(so_far);
  if (size > limits::description_size) return errc::reader_failed;
  return size + 4 - so_far.size();
}

Bytes framed(const reading::Request& request) {
  const Bytes encoded = wire::encode(request);
  Bytes question;
  append_le(question, static_cast<std::uint32_t>(encoded.size()));
  append(question, encoded);
  return question;
}

// Only what a file can be refused for; a reader could make up any other number.
errc believed(std::uint32_t error) {
  const auto value = error_in(error);
  switch (value) {
    case errc::too_large:
    case errc::malformed:
    case errc::doctype_refused:
    case errc::unsupported:
    case errc::unauthenticated:
      return value;
    default:
      return errc::reader_failed;
  }
}

// An answer's error, and its cause where that is asked for.
errc believed(std::uint32_t error, Cause* why) {
  const auto value = believed(error);
  if (why != nullptr) *why = value == error_in(error) ? cause_in(error) : Cause::reader_ended;
  return value;
}

// Of a reader that gave no answer.
void note(const error_code& error, std::chrono::steady_clock::time_point deadline, Cause* why) {
  if (why == nullptr) return;
  *why = to_errc(error) == errc::unsupported            ? Cause::unconfined
         : std::chrono::steady_clock::now() >= deadline ? Cause::reader_late
                                                        : Cause::reader_ended;
}

std::string last_component(const std::string& name) {
  const auto slash = name.rfind('/');
  std::string last = slash == std::string::npos ? name : name.substr(slash + 1);
  if (last.size() > limits::short_text) last.resize(limits::short_text);
  return last;
}

}  // namespace

struct Reader::Worker {
  ConfinedChild child;
  unsigned files = 0;  // that it has been given
};

Reader::Reader(std::string program, ReaderOptions options)
    : program_(std::move(program)), options_(options) {}
Reader::~Reader() = default;

Result<std::unique_ptr<Reader::Worker>> Reader::take() {
  {
    const std::lock_guard lock{mutex_};
    if (!idle_.empty()) {
      auto worker = std::move(idle_.back());
      idle_.pop_back();
      return worker;
    }
  }
  COFFRET_TRY(auto child, ConfinedChild::start(program_, "parse"));
  return std::make_unique<Worker>(Worker{std::move(child)});
}

void Reader::give_back(std::unique_ptr<Worker> worker) {
  if (worker->files >= options_.files_per_process) return;
  const std::lock_guard lock{mutex_};
  if (idle_.size() < idle_readers) idle_.push_back(std::move(worker));
}

Result<Bytes> Reader::ask_worker(Worker& worker, const Bytes& question, const Material& material,
                                 Deadline deadline) {
  ++worker.files;
  auto answer = worker.child.talk({question, material.file, material.converted, material.metadata},
                                  false, wanted_of_answer, deadline);
  if (answer.has_error()) return errc::reader_failed;
  const auto missing = wanted_of_answer(*answer);
  if (missing.has_error() || *missing != 0) {
    const int status = worker.child.finish(deadline);
    return status == reading::exit_unconfined ? errc::unsupported : errc::reader_failed;
  }
  answer->erase(answer->begin(), answer->begin() + 4);
  return answer;
}

Result<Bytes> Reader::ask(const reading::Request& request, const Material& material,
                          Deadline deadline) {
  const Bytes question = framed(request);
  while (true) {
    COFFRET_TRY(auto worker, take());
    const bool used = worker->files > 0;
    auto answer = ask_worker(*worker, question, material, deadline);
    // What a used reader fails at may be its earlier files' doing.
    if (answer.has_error() && used && std::chrono::steady_clock::now() < deadline) continue;
    if (answer.has_error()) return answer.error();
    // Both kinds of answer begin with an errc; after a refusal the reader reads nothing more.
    if (answer->size() >= 4 && load_le<std::uint32_t>(*answer) == 0) give_back(std::move(worker));
    return answer;
  }
}

Result<Bytes> Reader::convert(ByteView pdf) {
  return convert_by(pdf, std::chrono::steady_clock::now() + options_.deadline);
}

Result<Bytes> Reader::convert_by(ByteView pdf, Deadline deadline) {
  // More than html_size is no text of a document: what came by then is enough.
  return run("confine", pdf, html_size, deadline);
}

Result<Bytes> Reader::run(const std::string& mode, ByteView input, std::size_t most,
                          Deadline deadline) {
  COFFRET_TRY(auto child, ConfinedChild::start(program_, mode));
  const auto wanted = [most](ByteView so_far) -> Result<std::size_t> {
    return most - std::min(most, so_far.size());
  };
  auto told = child.talk({input}, true, wanted, deadline);
  if (told.has_error()) return errc::reader_failed;
  if (told->size() >= most) return told;
  const int status = child.finish(deadline);
  if (status == reading::exit_unconfined || status == reading::exit_no_converter)
    return errc::unsupported;
  if (status < 0) return errc::reader_failed;
  return status == 0 ? std::move(*told) : Bytes{};
}

// Without its text a PDF is still the person's document.
Bytes Reader::converted_text(ByteView file, Deadline deadline) {
  if (!reading::looks_like_pdf(file)) return {};
  auto html = convert_by(file, deadline);
  return html ? std::move(*html) : Bytes{};
}

Result<DocumentDescription> Reader::describe_by(ByteView file, const std::string& name,
                                                ByteView metadata, Deadline deadline, Cause* why) {
  Bytes converted = converted_text(file, deadline);
  append(converted, certificates_in(file, converted, deadline));
  reading::Request request;
  request.file_name = last_component(name);
  request.file_size = static_cast<std::uint32_t>(file.size());
  request.converted_size = static_cast<std::uint32_t>(converted.size());
  request.metadata_size = static_cast<std::uint32_t>(metadata.size());
  const auto answer = ask(request, {file, converted, metadata}, deadline);
  if (answer.has_error()) note(answer.error(), deadline, why);
  if (answer.has_error()) return answer.error();
  auto description = wire::decode<DocumentDescription>(*answer);
  if (!description || !within_limits(*description)) return errc::reader_failed;
  if (description->error != 0) return believed(description->error, why);
  return description;
}

void Reader::add_attachment_text(DocumentDescription& description, Deadline deadline) {
  std::size_t converted = 0;
  for (const auto& content : description.contents) {
    if (!reading::looks_like_pdf(content.bytes) || ++converted > converted_attachments) continue;
    const auto inner = describe_by(content.bytes, "", {}, deadline);
    if (!inner || inner->text.empty()) continue;
    if (description.text.size() + 1 + inner->text.size() > limits::text_size) break;
    if (!description.text.empty()) description.text.push_back('\n');
    description.text += inner->text;
  }
}

Result<DocumentDescription> Reader::describe(ByteView file, const std::string& file_name,
                                             ByteView metadata, Cause* why) {
  if (file.size() > limits::file_size || metadata.size() > reading::metadata_size) {
    if (why != nullptr) *why = Cause::file_size;
    return errc::too_large;
  }
  const auto deadline = std::chrono::steady_clock::now() + options_.deadline;
  auto description = describe_by(file, file_name, metadata, deadline, why);
  if (description) add_attachment_text(*description, deadline);
  return description;
}

Result<reading::Unpacked> Reader::unpack(ByteView file, std::uint32_t first, Cause* why) {
  if (file.size() > limits::file_size) return errc::too_large;
  const auto deadline = std::chrono::steady_clock::now() + options_.deadline;
  reading::Request request;
  request.question = reading::Question::unpack;
  request.file_size = static_cast<std::uint32_t>(file.size());
  request.first_member = first;
  const auto answer = ask(request, {file, {}, {}}, deadline);
  if (answer.has_error()) note(answer.error(), deadline, why);
  if (answer.has_error()) return answer.error();
  auto page = wire::decode<reading::Unpacked>(*answer);
  if (!page || !within_limits(*page) || (page->next != 0 && page->next <= first))
    return errc::reader_failed;
  if (page->error != 0) return believed(page->error, why);
  for (auto& member : page->members) {
    if (member.error == 0) continue;
    Cause cause = Cause::none;
    const auto error = believed(member.error, &cause);
    member.error = packed(error, cause);
  }
  return page;
}

Result<std::string> Reader::render(ByteView file, const std::string& file_name, Language language) {
  if (file.size() > limits::file_size) return errc::too_large;
  const auto deadline = std::chrono::steady_clock::now() + options_.deadline;
  const Bytes converted = converted_text(file, deadline);
  reading::Request request;
  request.question = reading::Question::render;
  request.file_name = last_component(file_name);
  request.file_size = static_cast<std::uint32_t>(file.size());
  request.converted_size = static_cast<std::uint32_t>(converted.size());
  request.language = language;
  COFFRET_TRY(const Bytes answer, ask(request, {file, converted, {}}, deadline));
  auto rendered = wire::decode<reading::Rendered>(answer);
  if (!rendered || !within_limits(*rendered)) return errc::reader_failed;
  if (rendered->error != 0) return believed(rendered->error);
  return std::move(rendered->html);
}

Result<std::vector<reading::HiddenDetail>> Reader::hidden(ByteView file) {
  if (file.size() > limits::file_size) return errc::too_large;
  const auto deadline = std::chrono::steady_clock::now() + options_.deadline;
  const Bytes converted = converted_text(file, deadline);
  reading::Request request;
  request.question = reading::Question::hidden;
  request.file_size = static_cast<std::uint32_t>(file.size());
  request.converted_size = static_cast<std::uint32_t>(converted.size());
  COFFRET_TRY(const Bytes answer, ask(request, {file, converted, {}}, deadline));
  auto found = wire::decode<reading::Hidden>(answer);
  if (!found || !within_limits(*found)) return errc::reader_failed;
  if (found->error != 0) return believed(found->error);
  return std::move(found->details);
}

}  // namespace coffret::daemon
