internal import ArgumentParser
internal import Fleet
internal import FleetModel
internal import Settings

/// Makes of a document that names files what the API takes: hashes and signatures.
struct PackagePreparation {
    /// What paths are relative to; empty for the present directory.
    let directory: String
    var signer: PackageSigner?
    /// Files that the manager has to have first.
    private(set) var uploads: [PackageUpload] = []

    init(directory: String) { self.directory = directory }

    /// Reads a private key.
    static func signer(_ path: String) throws -> PackageSigner {
        guard let reader = PackageReader(path: path), reader.size <= 64 << 10,
            let bytes = reader.read(at: 0, reader.size),
            let signer = PackageSigner(pem: String(decoding: bytes, as: UTF8.self))
        else { throw PackageUpload.failure("'\(path)' is not a private key of Ed25519 in PEM") }
        return signer
    }

    /// The entries of the document, with hashes and signatures in the place of files.
    mutating func prepare(_ document: Tree) throws -> [Tree.Entry] {
        var entries = document.table ?? []
        for index in entries.indices where entries[index].key == "packages" {
            var packages: [Tree] = []
            for package in entries[index].value.list ?? [] {
                packages.append(try self.package(package))
            }
            entries[index].value = .list(packages)
        }
        return entries
    }

    private mutating func package(_ package: Tree) throws -> Tree {
        var entries = package.table ?? []
        for index in entries.indices where entries[index].key == "artefacts" {
            var artefacts: [Tree] = []
            for artefact in entries[index].value.list ?? [] {
                artefacts.append(try self.artefact(artefact, of: package))
            }
            entries[index].value = .list(artefacts)
        }
        return Tree(.table(entries))
    }

    private mutating func artefact(_ artefact: Tree, of package: Tree) throws -> Tree {
        var entries = (artefact.table ?? []).filter { $0.key != "file" }
        var hash = artefact["sha256"]?.text.flatMap { ContentHash($0) }
        if let file = artefact["file"]?.text {
            let upload = try PackageUpload(
                directory.isEmpty || file.hasPrefix("/") ? file : "\(directory)/\(file)")
            if let hash, hash != upload.hash {
                throw PackageUpload.failure("'\(file)' has the SHA-256 \(upload.hash), not \(hash)")
            }
            if hash == nil { entries.append(.init("sha256", .text(upload.hash.description))) }
            hash = upload.hash
            if artefact["url"] == nil { uploads.append(upload) }
        }
        if let signer, artefact["signature"] == nil, let hash {
            let statement = PackageStatement(
                name: package["name"]?.text ?? "", type: package["type"]?.text ?? "top_level",
                version: package["version"]?.text ?? "", hash: hash)
            guard let signature = signer.sign(statement) else {
                throw PackageUpload.failure("\(hash) cannot be signed now")
            }
            entries.append(.init("signature", .text(Base64.encode(signature))))
        }
        return Tree(.table(entries))
    }
}

/// A file on its way to the manager.
struct PackageUpload: Sendable {
    private static let piece = 4 << 20

    let hash: ContentHash
    private let path: String
    private let reader: PackageReader

    /// Looks at a file.
    init(_ path: String) throws {
        guard let reader = PackageReader(path: path), let hash = reader.hash() else {
            throw Self.failure("'\(path)' cannot be read, or is no file")
        }
        guard (1...PackageFiles.largest).contains(reader.size) else {
            throw Self.failure(
                "'\(path)' has \(reader.size) bytes, at most \(PackageFiles.largest) are taken")
        }
        self.path = path
        self.reader = reader
        self.hash = hash
    }

    /// Sends it piece by piece, unless it is there already.
    @discardableResult
    func send(with client: AdminClient) async throws -> AdminAnswer {
        let place = AdminPath("/v1/package-files", [hash.description])
        if try await client.version(of: place) != nil { return try await client.get(place) }
        var offset = 0
        while true {
            guard let bytes = reader.read(at: offset, Self.piece) else {
                throw Self.failure("'\(path)' cannot be read any more, or has become shorter")
            }
            let answer = try await client.send(
                "PUT",
                AdminPath(
                    "/v1/package-files", [hash.description],
                    ["offset": "\(offset)", "size": "\(reader.size)"]), AdminDocument(bytes: bytes))
            offset += bytes.count
            guard offset < reader.size else { return answer }
        }
    }

    static func failure(_ message: String) -> ExitCode {
        Report.write("error: \(message)\n")
        return ExitCode(ExitCodes.configuration)
    }
}
