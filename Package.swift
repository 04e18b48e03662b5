// swift-tools-version: 6.2
import PackageDescription

/// What every target is compiled with: the newest rules of the language, and no warning survives.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let sqlite: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let certificates: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")

/// What a component may build on.
let component: [Target.Dependency] = [
    "Pipeline", "Delivery", "Transport", "Compression", "Telemetry", "Settings", "Patterns", "Wire", nio,
    logging,
]

/// What a component may build on that speaks something else than OTLP.
let formatComponent: [Target.Dependency] = component + ["Prometheus", "Formats"]

/// What the tests of a component may use.
let componentTests: [Target.Dependency] = component + ["PipelineTesting", nioPosix]

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

func system(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "apus",
    products: [
        .executable(name: "apus", targets: ["apus"]),
        .library(name: "Pipeline", targets: ["Pipeline"]),
        .library(name: "PipelineTesting", targets: ["PipelineTesting"]),
        .library(name: "CommandLine", targets: ["CommandLine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0"),
        .package(url: "https://github.com/apple/swift-asn1", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // From the top of the house to the bottom; imports point downwards only.
        .executableTarget(
            name: "apus",
            dependencies: [
                "CommandLine", "Receivers", "Processors", "Exporters", "Connectors", "Extensions", "Pipeline",
            ], swiftSettings: settings),
        library(
            "CommandLine",
            [
                "AdminAPI", "FleetAPI", "FleetEndpoint", "Fleet", "FleetStore", "Rollouts", "FleetModel",
                "HTTPAPI",
                "OpAMP", "Control", "Engine", "Pipeline", "Delivery", "OTTL", "Settings", "Transport",
                "Telemetry", "Wire", arguments, logging, nio, nioPosix,
            ]),
        library(
            "FleetAPI",
            [
                "HTTPAPI", "Fleet", "FleetStore", "Rollouts", "FleetModel", "OpAMP", "Pipeline", "Settings",
                "Transport", "Compression", "Wire", nio, logging,
            ]),
        library(
            "FleetEndpoint",
            [
                "Fleet", "FleetModel", "OpAMP", "Pipeline", "Settings", "Transport", "Compression", "Wire",
                nio, logging,
            ]),
        library(
            "Fleet",
            [
                "FleetStore", "Rollouts", "FleetModel", "OpAMP", "Pipeline", "Settings", "Transport", "Wire",
                "CSodium", certificates, crypto, .product(name: "SwiftASN1", package: "swift-asn1"), logging,
            ]),
        library("FleetStore", ["FleetModel", "OpAMP", "Settings", "CPostgreSQL", sqlite, logging]),
        library("Rollouts", ["FleetModel", "OpAMP", "Settings"]),
        library("FleetModel", ["OpAMP", "Settings", "CSodium"]),
        library(
            "AdminAPI",
            [
                "HTTPAPI", "Control", "Engine", "Pipeline", "Delivery", "Settings", "Transport",
                "Compression",
                "Telemetry", "Wire", "CSodium", nio, logging,
            ]),
        library(
            "Control",
            [
                "Engine", "Pipeline", "Delivery", "Settings", "Transport", "Telemetry", "Wire", "CSodium",
                nio,
                logging,
            ]),
        library(
            "HTTPAPI",
            ["Pipeline", "Settings", "Transport", "Compression", "Wire", "CSodium", nio, logging]),
        library(
            "Engine",
            [
                "Pipeline", "Delivery", "Transport", "Compression", "Telemetry", "Settings", "Wire",
                "CMalloc", nio,
                nioPosix, logging,
            ]),
        library("Receivers", formatComponent + [nioPosix]),
        library("Processors", component + ["OTTL", crypto, nioPosix]),
        library("Exporters", formatComponent + [nioPosix]),
        library("Connectors", component + ["OTTL"]),
        library(
            "Extensions",
            component + [
                "OpAMP", "CCrypt", "CSodium", certificates, crypto,
                .product(name: "SwiftASN1", package: "swift-asn1"), nioPosix,
            ]),
        library(
            "Delivery",
            ["Pipeline", "Transport", "Compression", "Telemetry", "Settings", "Wire", nio, logging]),
        library("PipelineTesting", ["Pipeline", "Telemetry", "Settings", "Wire", nio, nioPosix, logging]),
        library("Pipeline", ["Transport", "Compression", "Telemetry", "Settings", "Wire", nio, logging]),
        library(
            "Transport",
            [
                "Compression", "Wire", "CNghttp2", nio, nioPosix, nioHTTP1, nioTLS, nioSSL,
                logging,
            ]),
        library("OTTL", ["Telemetry", "Settings", "Patterns", "Wire", "CXXHash", crypto]),
        library("Prometheus", ["Telemetry", "Patterns", "Wire", crypto]),
        library("Formats", ["Telemetry", "Wire", crypto]),
        library("OpAMP", ["Wire"]),
        library("Compression", ["Wire", "CIsal", "CDeflate", "CZstd", "CSnappy", "CZlib"]),
        library("Telemetry", ["Wire"]),
        library("Settings", [yams]),
        library("Patterns", ["Wire", "CRegex"]),
        library("Wire", []),
        .target(name: "CRegex", linkerSettings: [.linkedLibrary("re2")]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
        system("CSodium", pkgConfig: "libsodium", package: "libsodium-dev"),
        system("CPostgreSQL", pkgConfig: "libpq", package: "libpq-dev"),
        system("CNghttp2", pkgConfig: "libnghttp2", package: "libnghttp2-dev"),
        system("CIsal", pkgConfig: "libisal", package: "libisal-dev"),
        system("CDeflate", pkgConfig: "libdeflate", package: "libdeflate-dev"),
        system("CZstd", pkgConfig: "libzstd", package: "libzstd-dev"),
        system("CSnappy", pkgConfig: "snappy", package: "libsnappy-dev"),
        system("CXXHash", pkgConfig: "libxxhash", package: "libxxhash-dev"),
        system("CZlib", pkgConfig: "zlib", package: "zlib1g-dev"),

        // Many agents in one process, to measure the fleet manager with; not a part of Apus.
        .executableTarget(
            name: "fleet-simulator",
            dependencies: [
                "Fleet", "FleetStore", "FleetModel", "OpAMP", "Pipeline", "Wire", "CEpoll", logging,
            ],
            path: "Benchmarks/Fleet/Simulator", swiftSettings: settings),
        .systemLibrary(name: "CEpoll", path: "Benchmarks/Fleet/CEpoll"),

        // What processors cost for a span; not a part of Apus.
        .executableTarget(
            name: "processing-benchmark",
            dependencies: ["Processors", "PipelineTesting", "Pipeline", "Settings", "Telemetry", "Wire"],
            path: "Benchmarks/Processing", swiftSettings: settings),

        // Tests mirror the sources.
        .target(
            name: "OTLPOracle", dependencies: [protobuf], path: "Tests/OTLPOracle", swiftSettings: settings),
        .testTarget(name: "TidyTests", path: "Tests/Tidy", swiftSettings: settings),
        tests("WireTests", ["Wire"]),
        tests("PatternsTests", ["Patterns", "Wire"]),
        tests("PrometheusTests", ["Prometheus", "Telemetry", "Wire"]),
        tests("OpAMPTests", ["OpAMP", "Wire"]),
        tests("FleetModelTests", ["FleetModel", "OpAMP", "Settings"]),
        tests("RolloutsTests", ["Rollouts", "FleetModel", "OpAMP", "Settings"]),
        tests("FleetStoreTests", ["FleetStore", "FleetModel", "OpAMP", "Settings", logging]),
        tests(
            "FleetTests",
            [
                "Fleet", "FleetStore", "Rollouts", "FleetModel", "OpAMP", "Pipeline", "PipelineTesting",
                "Settings", "Transport", "Wire", certificates, crypto, logging,
            ]),
        tests(
            "FleetEndpointTests",
            [
                "FleetEndpoint", "Fleet", "FleetStore", "FleetModel", "OpAMP", "Pipeline", "PipelineTesting",
                "Settings", "Transport", "Compression", "Wire", nio, nioPosix, logging,
            ]),
        tests(
            "FleetAPITests",
            [
                "FleetAPI", "HTTPAPI", "Fleet", "FleetStore", "Rollouts", "FleetModel", "OpAMP", "Pipeline",
                "PipelineTesting", "Settings", "Transport", "Wire", nio, nioPosix, logging,
            ]),
        tests(
            "HTTPAPITests",
            [
                "HTTPAPI", "Pipeline", "PipelineTesting", "Settings", "Transport", "Wire", nio, nioPosix,
                logging,
            ]),
        tests("CommandLineTests", ["CommandLine", "OTTL", "Settings", "Transport", arguments]),
        tests("SettingsTests", ["Settings"], exclude: ["Cases"]),
        tests("TelemetryTests", ["Telemetry", "Wire"]),
        tests("OTTLTests", ["OTTL", "Telemetry", "Settings", "Wire"]),
        tests("FormatsTests", ["Formats", "Telemetry", "Wire"]),
        tests(
            "OTLPOracleTests",
            [
                "OTLPOracle", "PipelineTesting", "Pipeline", "Processors", "Settings", "Telemetry", "Wire",
                protobuf,
            ]),
        tests("CompressionTests", ["Compression", "Wire"]),
        tests(
            "TransportTests",
            [
                "Transport", "Compression", "Wire", nio, nioPosix, nioEmbedded, nioHTTP1,
                nioSSL,
                logging,
            ]),
        tests(
            "PipelineTests",
            ["PipelineTesting", "Pipeline", "Transport", "Settings", "Telemetry", nio, logging]),
        tests(
            "DeliveryTests",
            [
                "Delivery", "PipelineTesting", "Pipeline", "Compression", "Settings", "Telemetry", "Wire",
                logging,
            ]),
        tests(
            "PipelineTestingTests",
            ["PipelineTesting", "Pipeline", "Settings", "Telemetry", "Wire", nio, logging]),
        tests("ReceiversTests", componentTests + ["Receivers", "Prometheus", "Formats"]),
        tests("ProcessorsTests", componentTests + ["Processors", "OTTL"]),
        tests("ExportersTests", componentTests + ["Exporters", "Prometheus", "Formats"]),
        tests("ConnectorsTests", componentTests + ["Connectors"]),
        tests(
            "ExtensionsTests",
            componentTests + [
                "Extensions", "OpAMP", certificates, crypto,
                .product(name: "SwiftASN1", package: "swift-asn1"),
            ]),
        tests(
            "DistributionTests",
            [
                "Engine", "Receivers", "Processors", "Exporters", "Connectors", "Extensions", "Pipeline",
                "Settings",
                logging,
            ]),
        tests(
            "ControlTests",
            [
                "Control", "Engine", "PipelineTesting", "Pipeline", "Delivery", "Settings", "Telemetry", nio,
                logging,
            ]),
        tests(
            "AdminAPITests",
            [
                "AdminAPI", "HTTPAPI", "Control", "Engine", "PipelineTesting", "Pipeline", "Delivery",
                "Settings",
                "Transport", "Telemetry", "Wire", nio, nioPosix, logging,
            ]),
        tests(
            "EngineTests",
            ["Engine", "PipelineTesting", "Pipeline", "Delivery", "Settings", "Telemetry", nio, logging]),
    ]
)
