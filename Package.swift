// swift-tools-version: 6.2
import PackageDescription

// What every target of ours is compiled with: language mode 6, no warning, and each unsafe
// construct marked where it stands.
let house: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func command(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: house)
}

// libFuzzer brings its own `main`, so this one is built by scripts/fuzz.sh only.
let fuzzing: [Target] =
  Context.environment["KIANA_WITH_FUZZ"] == nil
  ? []
  : [
    .executableTarget(
      name: "kiana-fuzz", dependencies: ["KianaModel", "KianaCrypto", "KianaTesting"],
      path: "Fuzz",
      swiftSettings: house)
  ]

let package = Package(
  name: "kiana",
  products: [
    .library(
      name: "KianaCore",
      targets: ["KianaModel", "KianaCrypto", "KianaStore", "KianaOps", "KianaCLI"]),
    .executable(name: "kiana-node", targets: ["kiana-node"]),
    .executable(name: "kiana-keys", targets: ["kiana-keys"]),
    .executable(name: "kiana-audit", targets: ["kiana-audit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    .systemLibrary(
      name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CNettle", pkgConfig: "nettle", providers: [.apt(["nettle-dev"])]),
    .target(name: "CKiana"),
    room("KianaModel"),
    room("KianaCrypto", ["KianaModel", "CSodium", "CNettle", "CKiana"]),
    room("KianaStore", ["KianaModel", "CSQLite", "CKiana"]),
    room("KianaOps", ["KianaModel", "KianaCrypto", "KianaStore"]),
    room("KianaCLI", ["KianaModel", "CKiana", argumentParser]),
    command(
      "kiana-node",
      ["KianaCLI", "KianaOps", "KianaStore", "KianaModel", argumentParser]),
    command(
      "kiana-keys",
      ["KianaCLI", "KianaOps", "KianaStore", "KianaModel", "KianaCrypto", argumentParser]),
    command(
      "kiana-audit",
      ["KianaCLI", "KianaOps", "KianaStore", "KianaModel", "KianaCrypto", argumentParser]),
    room(
      "KianaTesting", ["KianaModel", "KianaCrypto", "KianaStore", "KianaOps", "CSodium"]),
    .executableTarget(
      name: "kiana-bench",
      dependencies: ["KianaModel", "KianaCrypto", "KianaStore", "KianaOps", "KianaTesting"],
      path: "Benchmarks", exclude: ["bare.h", "bare_insert.c", "bare_trail.c"], swiftSettings: house
    ),
    tests("KianaModelTests", ["KianaModel", "KianaCrypto", "KianaTesting"]),
    tests("KianaCryptoTests", ["KianaModel", "KianaCrypto", "KianaStore", "KianaTesting"]),
    tests("KianaStoreTests", ["KianaModel", "KianaStore", "KianaTesting"]),
    tests(
      "KianaOpsTests", ["KianaModel", "KianaCrypto", "KianaStore", "KianaOps", "KianaTesting"]),
    tests(
      "CommandTests",
      ["KianaModel", "KianaStore", "KianaTesting", "kiana-node", "kiana-keys", "kiana-audit"],
      exclude: ["Transcripts", "Loops"]),
  ] + fuzzing
)
