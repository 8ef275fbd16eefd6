-- The application records rejections and notes which are told; it takes none back.
REVOKE ALL ON rejected_replies FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE (told) ON rejected_replies TO rujukan_application;
