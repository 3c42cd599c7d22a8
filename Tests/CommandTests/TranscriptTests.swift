import KianaModel
import KianaStore
import KianaTesting
import Testing

/// Each file in `Transcripts` is what a person types in an empty home, and what comes back.
@Suite struct TranscriptTests {
  static let folder = "\(Vectors.project)/Tests/CommandTests/Transcripts"
  static let names = DurableFile.names(in: folder).filter { $0.hasSuffix(".txt") }

  @Test(arguments: names)
  func `a session goes as written`(name: String) throws {
    let bytes = try DurableFile.read("\(Self.folder)/\(name)", sizeBytesMax: 1 << 20)
    let transcript = Transcript(String(decoding: bytes, as: UTF8.self))
    #expect(!transcript.steps.isEmpty)
    let home = TemporaryFolder()
    #expect(transcript.firstDifference(in: Shell(in: home)) == nil)
  }
}
