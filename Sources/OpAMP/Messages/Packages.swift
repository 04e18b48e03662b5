internal import Wire

/// The packages that a server wants an agent to have.
public struct PackagesAvailable: Sendable, Hashable {
    public var packages: [String: PackageAvailable] = [:]
    /// Names all of them together.
    public var allPackagesHash: [UInt8] = []

    public init() {}
}

/// One package that a server wants an agent to have.
public struct PackageAvailable: Sendable, Hashable {
    public enum Kind: UInt64, Sendable, Hashable, CaseIterable {
        /// The agent itself.
        case topLevel = 0
        case addon
    }

    public var kind = Kind.topLevel
    public var version = ""
    public var file: DownloadableFile?
    public var hash: [UInt8] = []

    public init() {}
}

/// Where the file of a package is, and how to know that it is the right one.
public struct DownloadableFile: Sendable, Hashable {
    public var downloadURL = ""
    /// SHA-256 of the file.
    public var contentHash: [UInt8] = []
    public var signature: [UInt8] = []
    /// Fields to send with the request.
    public var headers: [ConnectionHeader]?

    public init() {}
}

/// The packages that an agent has or is getting.
public struct PackageStatuses: Sendable, Hashable {
    public var packages: [String: PackageStatus] = [:]
    public var serverProvidedAllPackagesHash: [UInt8] = []
    public var errorMessage = ""

    public init() {}
}

/// How far an agent is with one package.
public struct PackageStatus: Sendable, Hashable {
    public enum Status: UInt64, Sendable, Hashable, CaseIterable {
        case installed = 0
        case installPending, installing, installFailed, downloading
        /// Something of a later version of the protocol.
        case unknown = 0x7FFF_FFFF
    }

    public var name = ""
    public var agentHasVersion = ""
    public var agentHasHash: [UInt8] = []
    public var serverOfferedVersion = ""
    public var serverOfferedHash: [UInt8] = []
    public var status = Status.installed
    public var errorMessage = ""
    public var downloadDetails: PackageDownloadDetails?

    public init() {}
}

/// How far a download is.
public struct PackageDownloadDetails: Sendable, Hashable {
    /// 0 to 100.
    public var percent = 0.0
    public var bytesPerSecond = 0.0

    public init() {}
}

extension PackagesAvailable: WireMessage {
    static let messageName: StaticString = "PackagesAvailable"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1:
            try decoder.countEntry(field)
            try decoder.entry(field, "packages", into: &packages)
        case 2: allPackagesHash = try decoder.bytes(field, "all_packages_hash")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(packages, 1)
        writer.put(allPackagesHash, 2)
    }
}

extension PackageAvailable.Kind: WireEnumeration {
    static var unrecognized: Self { .addon }
}

extension PackageAvailable: WireMessage {
    static let messageName: StaticString = "PackageAvailable"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: kind = try field.enumeration("type")
        case 2: version = try decoder.text(field, "version")
        case 3: try decoder.message(field, "file", into: &file)
        case 4: hash = try decoder.bytes(field, "hash")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(kind, 1)
        writer.put(version, 2)
        writer.put(file, 3)
        writer.put(hash, 4)
    }
}

extension DownloadableFile: WireMessage {
    static let messageName: StaticString = "DownloadableFile"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: downloadURL = try decoder.text(field, "download_url")
        case 2: contentHash = try decoder.bytes(field, "content_hash")
        case 3: signature = try decoder.bytes(field, "signature")
        case 4: try decoder.headers(field, "headers", into: &headers)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(downloadURL, 1)
        writer.put(contentHash, 2)
        writer.put(signature, 3)
        writer.put(headers: headers, 4)
    }
}

extension PackageStatuses: WireMessage {
    static let messageName: StaticString = "PackageStatuses"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1:
            try decoder.countEntry(field)
            try decoder.entry(field, "packages", into: &packages)
        case 2:
            serverProvidedAllPackagesHash = try decoder.bytes(field, "server_provided_all_packages_hash")
        case 3: errorMessage = try decoder.text(field, "error_message")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(packages, 1)
        writer.put(serverProvidedAllPackagesHash, 2)
        writer.put(errorMessage, 3)
    }
}

extension PackageStatus.Status: WireEnumeration {
    static var unrecognized: Self { .unknown }
}

extension PackageStatus: WireMessage {
    static let messageName: StaticString = "PackageStatus"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: name = try decoder.text(field, "name")
        case 2: agentHasVersion = try decoder.text(field, "agent_has_version")
        case 3: agentHasHash = try decoder.bytes(field, "agent_has_hash")
        case 4: serverOfferedVersion = try decoder.text(field, "server_offered_version")
        case 5: serverOfferedHash = try decoder.bytes(field, "server_offered_hash")
        case 6: status = try field.enumeration("status")
        case 7: errorMessage = try decoder.text(field, "error_message")
        case 8: try decoder.message(field, "download_details", into: &downloadDetails)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(name, 1)
        writer.put(agentHasVersion, 2)
        writer.put(agentHasHash, 3)
        writer.put(serverOfferedVersion, 4)
        writer.put(serverOfferedHash, 5)
        writer.put(status, 6)
        writer.put(errorMessage, 7)
        writer.put(downloadDetails, 8)
    }
}

extension PackageDownloadDetails: WireMessage {
    static let messageName: StaticString = "PackageDownloadDetails"

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1: percent = try field.double("download_percent")
        case 2: bytesPerSecond = try field.double("download_bytes_per_second")
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(percent, 1)
        writer.put(bytesPerSecond, 2)
    }
}
