internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import Settings
internal import Wire

/// `/v1/package-files`: files of packages that the manager has itself, by their SHA-256.
enum PackageFileRoutes {
    private static let one = "/v1/package-files/{hash}"

    static let all: [FleetRoute] = [
        FleetRoute("listPackageFiles", "GET", "/v1/package-files", .look, list),
        FleetRoute("getPackageFile", "GET", one, .look, show),
        FleetRoute("putPackageFile", "PUT", one, .editConfigurations, body: .bytes, put),
        FleetRoute("deletePackageFile", "DELETE", one, .editConfigurations, delete),
    ]

    static func list(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let files = await call.context.packages.files.list().map {
            ($0.hash.description, PackageTrees.tree(of: $0))
        }
        return .tree(try Page.of("files", files, call.query))
    }

    static func show(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        reply(try await file(call))
    }

    /// Takes the next piece of a file.
    static func put(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let hash = try hash(call)
        let sizes = 0...PackageFiles.largest
        guard let size = try call.query.number("size", in: 1...PackageFiles.largest) else {
            throw .badRequest("size has to say how many bytes the whole file has")
        }
        let offset = try call.query.number("offset", in: sizes) ?? 0
        let files = call.context.packages.files
        guard try !call.isDryRun else { return progress(hash, size, await files.file(hash)?.size ?? 0) }
        do throws(AccessError) {
            let received = try await files.take(call.body.array, at: offset, of: size, hash)
            guard received == size, let file = await files.file(hash) else {
                var reply = progress(hash, size, received)
                reply.detail = "file \(hash.short): \(received) of \(size) bytes"
                return reply
            }
            var reply = reply(file)
            reply.status = 201
            return reply
        } catch {
            throw APIProblem(error)
        }
    }

    static func delete(_ call: FleetCall) async throws(APIProblem) -> APIReply {
        let file = try await file(call)
        try call.checkPreconditions(version: file.hash.description)
        guard try !call.isDryRun else { return reply(file) }
        do throws(LibraryError) {
            try await call.context.packages.deleteFile(file.hash)
        } catch {
            throw APIProblem(error)
        }
        return reply(file)
    }

    private static func hash(_ call: FleetCall) throws(APIProblem) -> ContentHash {
        guard let hash = ContentHash(call.parameter("hash")) else {
            throw .notFound("'\(call.parameter("hash").prefix(64))' is not the SHA-256 of a file")
        }
        return hash
    }

    private static func file(_ call: FleetCall) async throws(APIProblem) -> PackageFiles.File {
        let hash = try hash(call)
        guard let file = await call.context.packages.files.file(hash) else {
            throw .notFound("there is no file \(hash)")
        }
        return file
    }

    private static func progress(_ hash: ContentHash, _ size: Int, _ received: Int) -> APIReply {
        .tree(
            .table([
                "sha256": .text(hash.description), "size": .number(size), "received": .number(received),
            ]))
    }

    private static func reply(_ file: PackageFiles.File) -> APIReply {
        var reply = APIReply.tree(PackageTrees.tree(of: file), version: file.hash.description)
        reply.detail = "file \(file.hash)"
        return reply
    }
}
