internal import Glibc
internal import Wire

/// What the resolver says about the machine.
struct HostNames: Sendable {
    /// The full name; empty where the resolver does not know it.
    var canonicalName = ""
    /// The name of the own address; empty where there is none.
    var nameOfAddress = ""

    /// Asks for the host `name`, which blocks for as long as servers of names let it wait.
    static func resolved(_ name: String) -> HostNames {
        var names = HostNames()
        var hints = addrinfo()
        hints.ai_flags = AI_CANONNAME
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0, let first = list else { return names }
        defer { freeaddrinfo(list) }
        if let name = first.pointee.ai_canonname { names.canonicalName = String(cString: name) }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = getnameinfo(
            first.pointee.ai_addr, first.pointee.ai_addrlen, &host, socklen_t(host.count), nil, 0,
            NI_NAMEREQD)
        if status == 0 { names.nameOfAddress = HostFacts.text(host) }
        return names
    }
}

/// What the kernel and the list of users say about the machine and the process.
struct HostFacts: Sendable {
    var name = ""
    /// `Linux 6.1.0 #1 SMP …`.
    var system = ""
    /// As `uname -m` says it.
    var machine = ""
    var addresses: [String] = []
    /// `AC-DE-48-23-45-67`.
    var hardwareAddresses: [String] = []
    var processID = 0
    var executable = ""
    var user = ""

    /// Asks for everything, which blocks where the list of users is on another machine.
    static var current: HostFacts {
        var facts = HostFacts()
        var names = utsname()
        uname(&names)
        facts.name = text(names.nodename)
        facts.system = [text(names.sysname), text(names.release), text(names.version)].joined(separator: " ")
        facts.machine = text(names.machine)
        facts.readInterfaces()
        facts.processID = Int(getpid())
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        if length > 0 {
            facts.executable = String(decoding: path[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        facts.user = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(geteuid())"
        return facts
    }

    /// The text of a file of up to 1 MiB; `nil` when it cannot be read.
    static func text(ofFile path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
    }

    private mutating func readInterfaces() {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return }
        defer { freeifaddrs(list) }
        var next = list
        while let interface = next?.pointee {
            next = interface.ifa_next
            guard interface.ifa_flags & UInt32(IFF_LOOPBACK) == 0, let address = interface.ifa_addr
            else { continue }
            switch Int32(address.pointee.sa_family) {
            case AF_INET, AF_INET6:
                let isIPv4 = Int32(address.pointee.sa_family) == AF_INET
                let size = isIPv4 ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
                var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                let status = getnameinfo(
                    address, socklen_t(size), &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
                if status == 0 { addresses.append(String(Self.text(host).prefix { $0 != "%" })) }
            case AF_PACKET:
                // sockaddr_ll: the length stands at 11, the address from 12 on.
                let memory = UnsafeRawPointer(address)
                guard memory.load(fromByteOffset: 11, as: UInt8.self) == 6 else { continue }
                let bytes = (12..<18).map { memory.load(fromByteOffset: $0, as: UInt8.self) }
                hardwareAddresses.append(
                    bytes.map { Hexadecimal.text(of: [$0]).uppercased() }.joined(separator: "-"))
            default: continue
            }
        }
    }

    /// The text of a C array up to its first zero.
    private static func text<Array>(_ array: Array) -> String {
        withUnsafeBytes(of: array) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    fileprivate static func text(_ array: [CChar]) -> String {
        String(decoding: array.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
