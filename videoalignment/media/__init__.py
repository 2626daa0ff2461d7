"""Recordings as streams of frames, through ffmpeg: safe with untrusted files, bounded in memory."""
