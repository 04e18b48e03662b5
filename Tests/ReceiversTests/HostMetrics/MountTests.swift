import Testing

@testable import Receivers

@Suite struct MountTests {
    static let mounts = """
        22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw
        27 1 253:0 / / rw,relatime shared:1 master:2 - ext4 /dev/root rw,errors=remount-ro
        30 27 253:1 /sub /with\\040blank ro,nosuid - ext4 /dev/mapper/group-data rw
        31 27 253:1 /sub /with\\040blank ro,nosuid - ext4 /dev/mapper/group-data rw
        32 27 0:50 / /pool relatime - zfs pool/data rw
        33 27 0:51 / /tmp rw - tmpfs none rw
        34 27 0:52 / /net rw - nfs4 server:/export rw
        35 broken line
        """
    static let types = "nodev\tsysfs\nnodev\tproc\nnodev\ttmpfs\n\text4\n\tvfat\nnodev\tzfs\nnodev\tnfs4\n"

    static func host() throws -> HostFolder {
        let host = try HostFolder(["/proc/1/mountinfo": mounts, "/proc/filesystems": types])
        try host.link("/sys/dev/block/253:0", to: "../../devices/virtio/block/vda")
        try host.link("/dev/mapper/group-data", to: "../dm-0")
        return host
    }

    private static func line(_ mount: Mount) -> String {
        "\(mount.device) \(mount.point) \(mount.type) \(mount.mode)"
    }

    @Test func `file systems on devices are listed once, under the names of the kernel`() throws {
        let mounts = try Mount.read(Self.host().files, includesVirtual: false)
        #expect(
            mounts.map(Self.line) == [
                "/dev/vda / ext4 rw", "/dev/dm-0 /with blank ext4 ro", "pool/data /pool zfs unknown",
            ])
    }

    @Test func `the others are listed on demand`() throws {
        let mounts = try Mount.read(Self.host().files, includesVirtual: true)
        #expect(mounts.count == 6)
        #expect(mounts.map(Self.line).contains("server:/export /net nfs4 rw"))
    }

    @Test func `without the first process the own list counts`() throws {
        let host = try HostFolder(["/proc/self/mountinfo": Self.mounts, "/proc/filesystems": Self.types])
        #expect(try Mount.read(host.files, includesVirtual: false).count == 3)
        let nothing = try HostFolder()
        #expect(throws: HostReadError.self) { try Mount.read(nothing.files, includesVirtual: false) }
    }

    @Test func `what protects the host from the collector is not the host's`() throws {
        // As under systemd, with ProtectSystem, ProtectHome, PrivateTmp and DynamicUser.
        let mounts = """
            1 0 8:1 / / ro,relatime - ext4 /dev/sda1 rw,errors=remount-ro
            2 1 8:1 /home /home ro,relatime - ext4 /dev/sda1 rw,errors=remount-ro
            3 1 8:1 /tmp/systemd-private-7/tmp /tmp rw,relatime - ext4 /dev/sda1 rw,errors=remount-ro
            4 1 8:2 / /var ro,relatime - ext4 /dev/sda2 rw
            5 4 8:2 /lib/private/apus /var/lib/private/apus rw,relatime - ext4 /dev/sda2 rw
            6 1 8:2 /srv /srv ro,relatime - ext4 /dev/sda2 rw
            7 1 8:3 / /mnt ro,relatime - ext4 /dev/sda3 ro
            8 1 0:40 /@ /pool ro,relatime - btrfs /dev/sdb rw
            9 8 0:40 /@home /pool/home ro,relatime - btrfs /dev/sdb rw
            10 8 0:40 /@/var /pool/var ro,relatime - btrfs /dev/sdb rw

            """
        let types = "\text4\n\tbtrfs\n"
        let own = try HostFolder(["/proc/self/mountinfo": mounts, "/proc/filesystems": types])
        #expect(
            try Mount.read(own.files, includesVirtual: false).map(Self.line) == [
                "/dev/sda1 / ext4 rw", "/dev/sda2 /var ext4 rw", "/dev/sda2 /srv ext4 rw",
                "/dev/sda3 /mnt ext4 ro", "/dev/sdb /pool btrfs rw", "/dev/sdb /pool/home btrfs rw",
            ])
        // The list of the first process is that of the host.
        let host = try HostFolder(["/proc/1/mountinfo": mounts, "/proc/filesystems": types])
        let all = try Mount.read(host.files, includesVirtual: false)
        #expect(all.count == 10)
        #expect(all.first?.mode == "ro")
    }

    @Test(
        arguments: [
            ("/dev/sda1", "ext4", nil), ("tmpfs", "tmpfs", nil), ("pool/data:x", "zfs", nil),
            ("/dev/disk/by-path/a:b", "xfs", nil), ("server:/export/a", "nfs4", "server"),
            ("server:export", "nfs", "server"), ("[fe80::1]:/a:b/c", "nfs", "[fe80::1]"),
            ("//files/share", "cifs", "files"), ("one:1,two:2:/", "ceph", "one:1,two:2:/"),
            ("sshfs", "fuse.sshfs", "sshfs"), ("systemd-1", "autofs", "systemd-1"),
        ] as [(String, String, String?)])
    func `file systems of one server are known`(device: String, type: String, server: String?) throws {
        let mount = try #require(Mount(Array("27 1 0:9 / /a rw - \(type) \(device) rw".utf8)[...]))
        #expect(mount.isRemote == (server != nil))
        #expect(mount.source == server ?? device)
    }

    @Test func `one that is covered by another is not listed`() throws {
        let host = try HostFolder([
            "/proc/1/mountinfo":
                "1 1 8:1 / /home rw - ext4 /dev/sda1 rw\n2 1 0:9 / /home rw - tmpfs none rw\n",
            "/proc/filesystems": Self.types,
        ])
        #expect(try Mount.read(host.files, includesVirtual: false).isEmpty)
        #expect(try Mount.read(host.files, includesVirtual: true).map { $0.type } == ["tmpfs"])
    }

    @Test func `mount points are below the root, unless they are there already`() throws {
        let mount = try #require(Mount(Array("27 1 253:0 / /data rw - ext4 /dev/a rw".utf8)[...]))
        #expect(mount.place(HostFiles()) == "/data")
        #expect(mount.place(HostFiles(root: "/hostfs/")) == "/hostfs/data")
        let own = try #require(Mount(Array("27 1 253:0 / /hostfs/data rw - ext4 /dev/a rw".utf8)[...]))
        #expect(own.place(HostFiles(root: "/hostfs")) == "/hostfs/data")
        let other = try #require(Mount(Array("27 1 253:0 / /hostfs2 rw - ext4 /dev/a rw".utf8)[...]))
        #expect(other.place(HostFiles(root: "/hostfs")) == "/hostfs/hostfs2")
    }
}
