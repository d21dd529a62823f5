// Reads an index as any other log in tiles (c2sp.org/tlog-tiles, c2sp.org/tlog-checkpoint), with the Go project's
// packages for signed notes and trees; nothing here knows what a leaf says.
//
//	tlog-reader SITE VKEYFILE
//
// Checked are the signature of SITE/checkpoint and of every earlier one in SITE/checkpoints, all tiles, the inclusion of
// every leaf, and that each earlier tree is a prefix of the last. Exit code: 0 all of it holds, 1 something does not.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// number is n in a path: in threes, with an x before all but the last.
func number(n int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	return path
}

// site is the folder of a log; it reads tiles for tlog.TileHashReader.
type site string

// tile reads a tile of this width. A full one may have taken the place of a partial one.
func (s site) tile(kind string, index int64, w int) ([]byte, error) {
	full := filepath.Join(string(s), "tile", kind, number(index))
	if w < width {
		data, err := os.ReadFile(fmt.Sprintf("%s.p/%d", full, w))
		if !os.IsNotExist(err) {
			return data, err
		}
	}
	return os.ReadFile(full)
}

func (s site) Height() int { return height }

func (s site) SaveTiles([]tlog.Tile, [][]byte) {}

func (s site) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := s.tile(strconv.Itoa(t.L), t.N, t.W)
		if err != nil {
			return nil, err
		}
		if len(data) < t.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %v is too short", t)
		}
		all = append(all, data[:t.W*tlog.HashSize])
	}
	return all, nil
}

// checkpoint reads a signed checkpoint.
func checkpoint(path string, key note.Verifier) (tlog.Tree, error) {
	none := tlog.Tree{}
	data, err := os.ReadFile(path)
	if err != nil {
		return none, err
	}
	signed, err := note.Open(data, note.VerifierList(key))
	if err != nil {
		return none, fmt.Errorf("%s: %w", path, err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[0] != key.Name() {
		return none, fmt.Errorf("%s: is not origin, size and root", path)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return none, err
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return none, fmt.Errorf("%s: the root is no hash", path)
	}
	return tlog.Tree{N: size, Hash: tlog.Hash(root)}, nil
}

// leaves checks that every leaf is in the tree.
func leaves(s site, tree tlog.Tree, hashes tlog.HashReader) error {
	var data []byte
	var err error
	for leaf := int64(0); leaf < tree.N; leaf++ {
		if leaf%width == 0 {
			if data, err = s.tile("entries", leaf/width, int(min(width, tree.N-leaf))); err != nil {
				return err
			}
		}
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return fmt.Errorf("leaf %d: its tile of entries ends before it", leaf)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		proof, err := tlog.ProveRecord(tree.N, leaf, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, leaf, tlog.RecordHash(data[2:end])); err != nil {
			return fmt.Errorf("leaf %d: %w", leaf, err)
		}
		data = data[end:]
	}
	return nil
}

// prefixes checks the earlier checkpoints against the last one and counts them.
func prefixes(s site, key note.Verifier, tree tlog.Tree, hashes tlog.HashReader) (int, error) {
	paths, err := filepath.Glob(filepath.Join(string(s), "checkpoints", "*"))
	if err != nil {
		return 0, err
	}
	for _, path := range paths {
		earlier, err := checkpoint(path, key)
		if err != nil {
			return 0, err
		}
		proof, err := tlog.ProveTree(tree.N, earlier.N, hashes)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckTree(proof, tree.N, tree.Hash, earlier.N, earlier.Hash); err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
	}
	return len(paths), nil
}

func check(s site, vkey string) (string, error) {
	text, err := os.ReadFile(vkey)
	if err != nil {
		return "", err
	}
	key, err := note.NewVerifier(strings.TrimSpace(string(text)))
	if err != nil {
		return "", err
	}
	tree, err := checkpoint(filepath.Join(string(s), "checkpoint"), key)
	if err != nil {
		return "", err
	}
	hashes := tlog.TileHashReader(tree, s)
	tiles := tlog.NewTiles(height, 0, tree.N)
	for _, t := range tiles {
		if _, err := hashes.ReadHashes([]int64{tlog.StoredHashIndex(t.L*height, t.N*width)}); err != nil {
			return "", err
		}
	}
	if err := leaves(s, tree, hashes); err != nil {
		return "", err
	}
	earlier, err := prefixes(s, key, tree, hashes)
	said := fmt.Sprintf("ok: %s, %d leaves, %d tiles, %d earlier checkpoints", key.Name(), tree.N, len(tiles), earlier)
	return said, err
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: tlog-reader SITE VKEYFILE")
		os.Exit(2)
	}
	said, err := check(site(os.Args[1]), os.Args[2])
	if err != nil {
		fmt.Println("broken:", err)
		os.Exit(1)
	}
	fmt.Println(said)
}
